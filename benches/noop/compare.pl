#!/usr/bin/perl
# What a script of today would do: reads one document of all that should be,
# and every file of it, and says what differs. The values are compared, not
# the bytes: the order of keys does not count, nor whether a number is a text.
# Usage: compare.pl DESIRED.json ROOT
use strict;
use warnings;
use JSON::XS;

my ($desired_file, $root) = @ARGV;
my $json = JSON::XS->new->utf8;

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or return undef;
    local $/;
    return scalar <$file>;
}

my $desired = $json->decode(slurp($desired_file));
my $differing = 0;
FILE: for my $name (keys %$desired) {
    my $bytes = slurp("$root/$name");
    my $actual = defined $bytes ? eval { $json->decode($bytes) } : undef;
    $actual = $actual->[0] if ref $actual eq 'ARRAY';
    if (ref $actual ne 'HASH') {
        print "$name is missing or broken\n";
        $differing++;
        next;
    }
    my $wanted = $desired->{$name};
    for my $key (keys %$wanted) {
        my ($a, $b) = ($actual->{$key}, $wanted->{$key});
        next if !defined $a && !defined $b;
        next if defined $a && defined $b && $a eq $b;
        print "$name: $key differs\n";
        $differing++;
        next FILE;
    }
    # A key that should not be there; these say nothing.
    for my $key (keys %$actual) {
        next if exists $wanted->{$key};
        next if $key eq 'app' || $key eq 'user' || ($key eq 'hide' && !$actual->{$key});
        print "$name: $key should not be there\n";
        $differing++;
        next FILE;
    }
}
exit($differing ? 1 : 0);
