# A tenant of the machine: tenant.pl NAME MIB PAUSE_MS FILE takes so many MiB, resting after each, says "full" in FILE
# and sleeps. NAME is what other processes see of it.
use strict;
use warnings;

my ($name, $mib, $pause_ms, $file) = @ARGV;
$0 = $name;
my @taken;
for (1 .. $mib) {
    push @taken, chr($_ % 256) x 1048576;
    select undef, undef, undef, $pause_ms / 1000 if $pause_ms;
}
open my $said, '>', $file or die "$file: $!";
print $said "full\n";
close $said;
sleep 1 while @taken;
