import type { z } from 'zod';
import type { FreezeBook } from '../../approvals/freezes.ts';
import type { Risk } from '../../approvals/policy.ts';
import type { StandingRecord, StandingStore } from '../../approvals/ports.ts';
import type { StepUp } from '../../approvals/step-up-service.ts';
import type { Grant } from '../../src/config/grants.ts';
import type { Area } from '../../src/config/permission-words.ts';
import type { ConfigFile, RoleName } from '../../src/config/schema.ts';
import type { DutyLists } from '../../src/estate/duty.ts';
import type { Profiles } from '../../src/estate/profile-load.ts';
import type { Estate, Site } from '../../src/estate/types.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { err, ok, type Result } from '../../src/kernel/result.ts';
import type { Timing } from '../../src/operations/assess.ts';
import type { AuditBook } from '../../src/operations/audit.ts';
import type { Target } from '../../src/operations/authorise.ts';
import type { Journal, OperationBook } from '../../src/operations/book.ts';
import type { DutyBook } from '../../src/operations/duties.ts';
import type { EstateBook } from '../../src/operations/estate/book.ts';
import type { DialPort } from '../../src/operations/estate/dial.ts';
import type { EstateFacts, EstatePlannable } from '../../src/operations/estate/facts.ts';
import type { EvidenceFile } from '../../src/operations/evidence.ts';
import type { SiteFacts } from '../../src/operations/facts.ts';
import type { HostFactBook } from '../../src/operations/host-facts.ts';
import type { Patches } from '../../src/operations/patches/service.ts';
import type { Plan } from '../../src/operations/plan.ts';
import type { HostPort } from '../../src/operations/ports.ts';
import type { Releases } from '../../src/operations/releases/service.ts';
import type { SitePlannable } from '../../src/operations/request.ts';
import type { ReviewBook, ReviewRecord } from '../../src/operations/reviews.ts';
import type { SettingsBook } from '../../src/operations/settings/book.ts';
import type { AskedSchedule } from '../../src/operations/standing.ts';
import type { Answer } from './answer.ts';
import type { EditForm } from './edit-form.ts';
import type { Field, Upload } from './field.ts';

/** Who asks, resolved before anything is answered. */
export interface Asker {
  readonly person: string;
  readonly name: string;
  readonly roles: readonly RoleName[];
  readonly grants: readonly Grant[];
}

/** What a question may look at. */
export interface QuestionContext {
  readonly asker: Asker;
  /** Says something to the asker before the answer, where that takes long; a few times at most. */
  readonly tell: (words: string) => void;
  readonly config: ConfigFile;
  readonly estate: Estate;
  readonly estateBook: EstateBook;
  readonly dial: DialPort;
  readonly profiles: Profiles;
  readonly duties: { readonly lists: DutyLists; readonly book: DutyBook };
  readonly settings: SettingsBook;
  readonly releases: Releases;
  readonly patches: Patches;
  readonly book: OperationBook;
  readonly journal: Journal;
  readonly audit: AuditBook;
  /** Makes the evidence file of an operation and notes that this person got it; null when there is no such operation. */
  readonly evidence: (operation: string) => Promise<EvidenceFile | null>;
  readonly hosts: HostPort;
  readonly hostFacts: HostFactBook;
  readonly commands: readonly Command[];
  readonly freezes: FreezeBook;
  readonly stepUp: {
    /** People whose approvals ask for a code. */
    readonly people: StepUp['people'];
    /** Forgets, at the asker's word, the codes of the person who has this id; answers that person. */
    readonly reset: (id: string) => Promise<Result<string, Refusal>>;
  };
  /** Everybody who may approve now. */
  readonly approvers: () => Promise<readonly string[]>;
  /** Whether the asker may look at a site. What is told of several sites is told of these only. */
  readonly sees: (site: Pick<Site, 'name' | 'cluster' | 'environment'>) => boolean;
  /** People who may use a command on that, the first few of them. */
  readonly whoMay: (command: Command, target: Target) => Promise<readonly string[]>;
  /** Asks for the end of an operation, if this person may. */
  readonly cancel: (operation: string) => Promise<Result<'ended' | 'asked', Refusal>>;
  readonly reviews: {
    readonly list: ReviewBook['list'];
    /** Closes a review, if this person may. */
    readonly close: (operation: string, note: string) => Promise<Result<ReviewRecord, Refusal>>;
    /** Everybody who may close reviews now. */
    readonly closers: () => Promise<readonly string[]>;
  };
  readonly standing: {
    readonly list: StandingStore['list'];
    readonly find: StandingStore['find'];
    /** Asks for a standing approval as this person. */
    readonly ask: (asked: Omit<AskedSchedule, 'requester'>) => Promise<Result<StandingRecord, Refusal>>;
  };
}

interface Common {
  /** One or two words, as typed after the slash command. */
  readonly name: string;
  readonly summary: string;
  readonly fields: readonly Field[];
  /** Roles that may use it; admin always may. */
  readonly roles: readonly RoleName[];
  /** What it is about; together with the risk this decides which grants allow it. */
  readonly area: Area;
  /** The form that takes the place of a line with many fields. */
  readonly form?: EditForm | undefined;
}

/** Windows that only one person sees, for what must never stand in a channel. */
export type Dialogue = 'totp-enrol' | 'totp-off';

/** A command that only answers. */
export interface Question extends Common {
  readonly kind: 'question';
  /** `read`, unless answering changes something. */
  readonly risk: Risk;
  /**
   * What it is about when it names no site, host or operation: `nothing` in particular, the sites that the asker `sees`,
   * or `everything`, which is refused to those who may not look at all sites.
   */
  readonly about: 'nothing' | 'seen' | 'everything';
  /** What its form takes as a file; only a form can. */
  readonly upload?: Upload;
  /** The window that takes the answer's place; the surface opens it first of all. */
  readonly opens?: Dialogue;
  readonly answer: (raw: RawArguments, context: QuestionContext) => Promise<Result<Answer, Refusal>>;
}

/** A command that becomes an operation, on a site or on the estate itself. */
export type OperationCommand = Common & {
  readonly kind: 'operation';
  readonly risk: Exclude<Risk, 'read'>;
  readonly parse: (raw: RawArguments) => Result<Readonly<Record<string, string>>, Refusal>;
} & (SitePlannable | EstatePlannable);

export type Command = Question | OperationCommand;
export type RawArguments = Readonly<Record<string, string>>;

function check<S extends z.ZodType>(schema: S, raw: RawArguments): Result<z.output<S>, Refusal> {
  const checked = schema.safeParse(raw);
  if (checked.success) return ok(checked.data);
  const problems = checked.error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`);
  return err(refusal('bad_arguments', `I cannot use that. ${problems.join('; ')}.`));
}

/** Only shows what would be recorded. */
export const DRY_RUN_FIELD: Field = {
  key: 'dry-run',
  label: 'dry run',
  of: 'text',
  required: false,
  flag: true,
  bare: true,
};

/**
 * Options that every operation takes, beside its own fields: when it is to start, and whether at all. They are no part of
 * its plan.
 */
export const TIMING_FIELDS: readonly Field[] = [
  { key: 'at', label: 'time', of: 'text', required: false, flag: true },
  { key: 'now', label: 'reason', of: 'text', required: false, flag: true },
  DRY_RUN_FIELD,
];

const isTiming = (fields: readonly Field[], key: string) =>
  TIMING_FIELDS.some((field) => field.key === key) && !fields.some((field) => field.key === key);

function withoutTiming(fields: readonly Field[], raw: RawArguments): RawArguments {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !isTiming(fields, key)));
}

/** When the operation is to start, as it was typed. */
export function timingOf(command: Command, raw: RawArguments): Timing {
  const typed = (key: string) => (isTiming(command.fields, key) ? (raw[key] ?? null) : null);
  return { at: typed('at'), now: typed('now') };
}

/** Whether it is only to be shown what would be recorded. */
export function isDryRun(command: Command, raw: RawArguments): boolean {
  return isTiming(command.fields, DRY_RUN_FIELD.key) && raw[DRY_RUN_FIELD.key] !== undefined;
}

/** Declares a question; its arguments are checked before `answer` sees them. */
export function question<S extends z.ZodType>(
  it: Omit<Common, 'roles' | 'area'> & {
    readonly roles?: readonly RoleName[];
    /** Default `site`. */
    readonly area?: Area;
    /** Default `read`. */
    readonly risk?: Risk;
    /** Default `everything`, so that nothing is shown by mistake. */
    readonly about?: Question['about'];
    readonly upload?: Upload;
    readonly args: S;
    readonly answer: (args: z.output<S>, context: QuestionContext) => Promise<Result<Answer, Refusal>>;
  },
): Question {
  return {
    kind: 'question',
    name: it.name,
    summary: it.summary,
    fields: it.fields,
    roles: it.roles ?? ['viewer', 'operator', 'approver'],
    area: it.area ?? 'site',
    risk: it.risk ?? 'read',
    about: it.about ?? 'everything',
    ...(it.upload === undefined ? {} : { upload: it.upload }),
    answer: async (raw, context) => {
      const args = check(it.args, raw);
      return args.ok ? it.answer(args.value, context) : args;
    },
  };
}

/**
 * Declares a command without arguments that opens a window of its own instead of answering. It is about nobody but the
 * one who types it, so whoever holds any grant may use it as well.
 */
export function dialogue(it: Pick<Common, 'name' | 'summary' | 'roles'> & { readonly opens: Dialogue }): Question {
  return {
    kind: 'question',
    ...it,
    fields: [],
    area: 'site',
    risk: 'read',
    about: 'nothing',
    answer: () =>
      Promise.resolve(
        err(refusal('not_supported', 'This opens a window of its own.', `Type \`${it.name}\` in a channel.`)),
      ),
  };
}

type Arguments = z.ZodType<Readonly<Record<string, string>>>;

/** What every operation declares; `plan` sees its facts and the arguments as the schema left them. */
type Declared<S extends Arguments, F> = Omit<Common, 'roles' | 'area'> & {
  readonly roles?: readonly RoleName[];
  readonly area?: Area;
  readonly risk: OperationCommand['risk'];
  readonly args: S;
  readonly plan: (facts: F, args: z.output<S>) => Result<Plan, Refusal>;
};

function declared<S extends Arguments, F>(it: Declared<S, F>, area: Area) {
  return {
    kind: 'operation' as const,
    name: it.name,
    summary: it.summary,
    fields: it.fields,
    form: it.form,
    roles: it.roles ?? (['operator'] as const),
    area: it.area ?? area,
    risk: it.risk,
    parse: (raw: RawArguments) => check(it.args, withoutTiming(it.fields, raw)),
    plan: (facts: F, raw: RawArguments): Result<Plan, Refusal> => {
      const args = check(it.args, raw);
      return args.ok ? it.plan(facts, args.value) : args;
    },
  };
}

/** Declares an operation on a site, of the area `site` by default; the first field must be `site`. */
export function operation<S extends Arguments>(
  it: Declared<S, SiteFacts> & Pick<SitePlannable, 'looksAt'>,
): OperationCommand & SitePlannable {
  return { ...declared(it, 'site'), ...(it.looksAt === undefined ? {} : { looksAt: it.looksAt }) };
}

/**
 * Declares an operation that changes the estate: clusters, hosts, sites. Nothing runs on a host. Its area is `estate` by
 * default, `oversight` for what no grant may allow.
 */
export function estateOperation<S extends Arguments>(
  it: Declared<S, EstateFacts> & Pick<EstatePlannable, 'keyOf' | 'settings'>,
): OperationCommand & EstatePlannable {
  return { ...declared(it, 'estate'), on: 'estate', keyOf: it.keyOf, settings: it.settings };
}

/** How a command is typed, for example `backup <site>`. */
export function usageOf(command: Command): string {
  const words = command.fields.map((field) => {
    if (field.bare) return `[--${field.key}]`;
    if (field.flag) return field.required ? `--${field.key} <${field.label}>` : `[--${field.key} <${field.label}>]`;
    return field.required ? `<${field.key}>` : `[${field.key}]`;
  });
  return [command.name, ...words].join(' ');
}
