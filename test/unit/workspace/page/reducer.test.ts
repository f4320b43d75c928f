import { describe, expect, it } from 'vitest';
import { EMPTY_ROOM, type Room, reduceRoom, threadKey } from '../../../../src/workspace/page/state/reducer.ts';
import type { UiEvent, UiMessage } from '../../../../src/workspace/protocol.ts';

function message(ts: string, patch: Partial<UiMessage> = {}): UiMessage {
  return {
    channel: 'C1',
    ts,
    user: 'U1',
    text: ts,
    blocks: [],
    files: [],
    edited: false,
    ephemeral: false,
    reply_count: 0,
    ...patch,
  };
}

const read = (messages: readonly UiMessage[], room: Room = EMPTY_ROOM) =>
  reduceRoom(room, { type: 'channel_read', channel: 'C1', messages });
const on = (room: Room, event: UiEvent, looking = 'C1') => reduceRoom(room, { type: 'event', event, looking });
const times = (room: Room) => room.channels.C1?.map((one) => one.ts);

describe('reduceRoom', () => {
  it('keeps messages in order and takes a repeated one once', () => {
    let room = read([message('2.0')]);
    room = on(room, { type: 'message', message: message('10.0') });
    room = on(room, { type: 'message', message: message('3.0') });
    room = on(room, { type: 'message', message: message('3.0') });
    expect(times(room)).toEqual(['2.0', '3.0', '10.0']);
  });

  it('counts a reply once, whichever of its two events comes first', () => {
    const reply = message('2.0', { thread_ts: '1.0' });
    const changed = message('1.0', { reply_count: 1, latest_reply: '2.0' });
    for (const events of [
      [{ type: 'message', message: reply } as const, { type: 'changed', message: changed } as const],
      [{ type: 'changed', message: changed } as const, { type: 'message', message: reply } as const],
    ]) {
      const room = events.reduce<Room>((before, event) => on(before, event), read([message('1.0')]));
      expect(room.channels.C1).toHaveLength(1);
      expect(room.channels.C1?.[0]?.reply_count).toBe(1);
    }
  });

  it('puts a reply into its open thread', () => {
    const key = threadKey('C1', '1.0');
    let room = reduceRoom(EMPTY_ROOM, { type: 'thread_read', key, messages: [message('1.0')] });
    room = on(room, { type: 'message', message: message('2.0', { thread_ts: '1.0' }) });
    expect(room.threads[key]?.map((one) => one.ts)).toEqual(['1.0', '2.0']);
  });

  it('does not bring back with a later reading what was deleted or dismissed', () => {
    let room = read([message('1.0'), message('2.0', { ephemeral: true })]);
    room = on(room, { type: 'deleted', channel: 'C1', ts: '2.0' });
    expect(times(room)).toEqual(['1.0']);
    expect(times(read([message('1.0'), message('2.0', { ephemeral: true })], room))).toEqual(['1.0']);
  });

  it('touches one channel only when a message goes', () => {
    let room = read([message('1.0')]);
    room = reduceRoom(room, { type: 'channel_read', channel: 'C10', messages: [message('1.0', { channel: 'C10' })] });
    room = on(room, { type: 'deleted', channel: 'C1', ts: '1.0' });
    expect(times(room)).toEqual([]);
    expect(room.channels.C10).toHaveLength(1);
  });

  it('counts what came in elsewhere until it is looked at', () => {
    let room = on(EMPTY_ROOM, { type: 'message', message: message('1.0') }, 'C2');
    expect(room.unread.C1).toBe(1);
    room = reduceRoom(room, { type: 'looked', channel: 'C1' });
    expect(room.unread).toEqual({});
  });

  it('stacks views by id and updates one in place', () => {
    const view = { id: 'V1', type: 'modal', title: 'a', submit: null, close: '', blocks: [], errors: {} } as const;
    let room = on(EMPTY_ROOM, { type: 'view', view });
    room = on(room, { type: 'view', view: { ...view, id: 'V2' } });
    room = on(room, { type: 'view', view: { ...view, title: 'b' } });
    expect(room.views.map((one) => [one.id, one.title])).toEqual([
      ['V1', 'b'],
      ['V2', 'a'],
    ]);
    room = on(room, { type: 'view_closed', view_id: 'V2' });
    expect(room.views.map((one) => one.id)).toEqual(['V1']);
  });
});
