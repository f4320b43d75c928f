/** A list that forgets its oldest entries once there are too many of them or they weigh too much. */
export class Ring<T> {
  #items: { readonly item: T; readonly weight: number }[] = [];
  #head = 0;
  #weight = 0;
  readonly #maxItems: number;
  readonly #maxWeight: number;

  constructor(maxItems: number, maxWeight: number = Number.POSITIVE_INFINITY) {
    this.#maxItems = maxItems;
    this.#maxWeight = maxWeight;
  }

  push(item: T, weight = 1): void {
    this.#items.push({ item, weight });
    this.#weight += weight;
    while (this.#items.length - this.#head > this.#maxItems || this.#weight > this.#maxWeight) {
      const oldest = this.#items[this.#head];
      if (oldest === undefined) break;
      this.#weight -= oldest.weight;
      this.#head += 1;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Oldest first. */
  all(): T[] {
    return this.#items.slice(this.#head).map((entry) => entry.item);
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#weight = 0;
  }
}
