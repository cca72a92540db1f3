# Processes that multiply: `forks.pl bomb`, where all of them fork for ever, and `forks.pl chain`, where each has one
# child and ends. They refuse to run but in a cage, a pids cgroup that holds 200 at most, and end by themselves too.
# Not JavaScript: Node does not survive its own fork.
use strict;
use warnings;

my ($kind) = @ARGV;
setpriority 0, 0, 19; # The machine is not ours alone.
my $end = time + 20;
my $cgroups = slurp('/proc/self/cgroup');
my ($path) = $cgroups =~ /^\d+:(?:[^:\n]*,)?pids(?:,[^:\n]*)?:(.*)$/m;
my ($mount) = slurp('/proc/self/mountinfo') =~ m{^\S+ \S+ \S+ / (\S+) .* - cgroup \S+ \S*\bpids\b}m;
my $limit = slurp("$mount$path/pids.max");
die "refuse to fork without a cage: pids.max is $limit" unless $limit =~ /^\d+$/ && $limit <= 200;

if ($kind eq 'bomb') { while (time < $end) { fork } }
else { while (time < $end) { exit if fork } }

sub slurp {
    open my $file, '<', $_[0] or die "cannot open $_[0]: $!";
    local $/;
    return <$file> // '';
}
