import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * A delay line for kernels without netem: hands frames from one interface to the other, each after a fixed time. $1 is
 * that time in seconds. The frames keep their virtio header, as large segments are not yet cut and sums not yet filled
 * in on a virtual cable. Waits for its interfaces m0 and m1; ends when standard input closes.
 */
const RELAY = String.raw`
use strict; use Time::HiRes qw(time sleep);
my ($PACKET, $RAW, $SOL, $ALL) = (17, 3, 263, 3);
my (@socket, @queue);
for my $i (0, 1) {
  socket(my $s, $PACKET, $RAW, 0) or die "socket: $!";
  my $name = pack('a16 x24', "m$i");
  for (1 .. 500) { last if ioctl($s, 0x8933, $name); sleep 0.01 }
  my $index = unpack('x16 i', $name) or die "no interface m$i";
  setsockopt($s, $SOL, 15, pack('i', 1)) or die "vnet header: $!";
  setsockopt($s, $SOL, 23, pack('i', 1)) or die "ignore outgoing: $!";
  bind($s, pack('S n i x12', $PACKET, $ALL, $index)) or die "bind: $!";
  $socket[$i] = $s; $queue[$i] = [];
}
$| = 1; print "ready\n";
while (1) {
  my $wait = 1;
  for my $i (0, 1) {
    while (@{$queue[$i]} and $queue[$i][0][0] <= time) { send($socket[1 - $i], (shift @{$queue[$i]})->[1], 0) }
    if (@{$queue[$i]}) { my $left = $queue[$i][0][0] - time; $wait = $left if $left < $wait }
  }
  my $in = ''; vec($in, fileno($_), 1) = 1 for @socket, \*STDIN;
  select($in, undef, undef, $wait < 0 ? 0 : $wait) or next;
  exit if vec($in, fileno(STDIN), 1);
  for my $i (0, 1) {
    vec($in, fileno($socket[$i]), 1) or next;
    recv($socket[$i], my $frame, 70000, 0); push @{$queue[$i]}, [time + $ARGV[0], $frame] if length $frame > 10;
  }
}`;

export interface DelayLine extends AsyncDisposable {
  /** Process in the network namespace of the line; its interfaces are to be named m0 and m1. */
  readonly pid: number;
  /** Resolves when frames pass, which takes both interfaces. */
  readonly ready: Promise<void>;
}

/** Starts a delay line of `oneWayMs` in a network namespace of its own, which ends with it, as do its interfaces. */
export async function startDelayLine(oneWayMs: number): Promise<DelayLine> {
  const script = `echo namespace; exec perl -e "$1" "$2"`;
  const child = spawn('unshare', ['--net', 'sh', '-c', script, 'line', RELAY, String(oneWayMs / 1000)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(() => {});
  const failed = ended.then(() => Promise.reject(new Error('the delay line ended')));
  failed.catch(() => {});
  let said = '';
  const says = (word: string) =>
    new Promise<void>((resolve) => {
      const look = () => said.includes(word) && resolve();
      child.stdout.on('data', look);
      look();
    });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await Promise.race([says('namespace'), failed]);
  if (child.pid === undefined) throw new Error('the delay line did not start');
  return {
    pid: child.pid,
    ready: Promise.race([says('ready'), failed]),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
