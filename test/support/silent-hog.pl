# Takes memory in ways that fail where a page fault would wait: `silent-hog.pl KIND TIMES FILE`. Goes on
# until so many charges have failed (0: for ever), and then sleeps.
# Not JavaScript: whoever needs memory of his own while there is none waits for it, and is heard.
use strict;
use warnings;

my ($kind, $times, $file) = @ARGV;
my $mib = 1 << 20;
my $data = 'x' x $mib;
my ($mmap, $munmap, $mlock, $mlockall, $read) =
    `uname -m` =~ /aarch64/ ? (222, 215, 228, 230, 63) : (9, 11, 149, 151, 0);
my ($fails, $full, $out, @pipes) = (0, 0);
my $wanted = $kind eq 'pipe' ? 150 : 0;
open my $zero, '<', '/dev/zero';
open $out, '>>', $file;
for (1 .. $wanted) {
    pipe my $reader, my $writer;
    fcntl $writer, 1031, $mib; # F_SETPIPE_SZ
    fcntl $writer, 4, 04000;   # F_SETFL, O_NONBLOCK
    push @pipes, [$reader, $writer];
}

my %take = (
    tmpfs => sub { return (syswrite($out, $data) // 0) == $mib },
    pipe => sub { return (syswrite($pipes[$full][1], $data) // 0) == $mib && ++$full },
    mlock => sub { return mapped(sub { return syscall($mlock, $_[0], $mib) == 0 }) },
    read => sub { return mapped(sub { return syscall($read, fileno $zero, $_[0], $mib) == $mib }) },
);

syscall $mlockall, 1; # MCL_CURRENT: nor does it read its own program again and again
while ($times == 0 || $fails < $times) {
    next if $take{$kind}->();
    $fails++;
    select undef, undef, undef, 0.05;
}
sleep 1000;

# A mebibyte that nobody has touched, kept if that works with it.
sub mapped {
    my $at = syscall $mmap, 0, $mib, 3, 0x22, -1, 0; # PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS
    return 1 if $_[0]->($at);
    syscall $munmap, $at, $mib;
    return 0;
}
