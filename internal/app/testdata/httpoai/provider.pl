#!/usr/bin/perl
# A provider of OAI-PMH made of HTTP::OAI (Debian: libhttp-oai-perl), as a CGI program. RECORDS is how many records it has;
# every fortieth is deleted, each is a minute younger than the one before, and a page has 250.
use strict; use warnings; use utf8;
use POSIX 'strftime'; use URI;
use HTTP::OAI; use HTTP::OAI::Metadata::OAI_DC; use HTTP::OAI::SAX::Driver; use XML::LibXML::SAX::Builder;

my ($n, $size) = ($ENV{RECORDS}, 250);
my $url = URI->new("http://$ENV{HTTP_HOST}/oai"); $url->query($ENV{QUERY_STRING});
my %a = $url->query_form;
my $date = sub { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(1704067200 + 60 * $_[0])) };
my $response = HTTP::OAI::Response->new(requestURL => "$url", responseDate => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime));

sub header { my $i = shift; HTTP::OAI::Header->new(identifier => "oai:httpoai.example.org:$i", datestamp => $date->($i), $i % 40 ? () : (status => 'deleted')) }
sub record {
  my $i = shift;
  return HTTP::OAI::Record->new(header => header($i)) unless $i % 40;
  HTTP::OAI::Record->new(header => header($i), metadata => HTTP::OAI::Metadata::OAI_DC->new(dc => {
    title => ["Letter $i — Brief & <письмо>"], creator => ['Author ' . ($i % 13)], date => [1900 + $i % 100], identifier => ["https://httpoai.example.org/$i"] }));
}
sub refuse { $response->errors(HTTP::OAI::Error->new(code => $_[0], message => $_[1])) }
sub list {
  my ($list, $make, $add) = @_;
  my ($at, $from, $until) = (1, $a{from} // '', $a{until} // '~');
  if (defined $a{resumptionToken}) {
    ($at, $from, $until) = $a{resumptionToken} =~ /^(\d+)!(\S*)!(\S+)$/ or return refuse('badResumptionToken', 'no such token');
  } elsif (($a{metadataPrefix} // '') ne 'oai_dc') { return refuse('cannotDisseminateFormat', 'oai_dc is all there is') }
  return refuse('noSetHierarchy', 'there are no sets') if defined $a{set};
  my ($given, $more) = (0, 0);
  for (; $at <= $n; $at++) {
    my $d = $date->($at);
    next if $d lt $from or substr($d, 0, length $until) gt $until;
    if ($given == $size) { $more = 1; last }
    $list->$add($make->($at)); $given++;
  }
  return refuse('noRecordsMatch', 'nothing') unless $given;
  $list->resumptionToken(HTTP::OAI::ResumptionToken->new(resumptionToken => "$at!$from!$until")) if $more;
  $response->content($list);
}
my %verbs = (
  Identify => sub { $response->content(HTTP::OAI::Identify->new(repositoryName => 'HTTP::OAI on loopback', baseURL => "http://$ENV{HTTP_HOST}/oai",
    protocolVersion => '2.0', adminEmail => 'root@example.org', earliestDatestamp => $date->(1), deletedRecord => 'persistent', granularity => 'YYYY-MM-DDThh:mm:ssZ')) },
  ListMetadataFormats => sub {
    my $l = HTTP::OAI::ListMetadataFormats->new;
    $l->metadataFormat(HTTP::OAI::MetadataFormat->new(metadataPrefix => 'oai_dc', schema => 'http://www.openarchives.org/OAI/2.0/oai_dc.xsd', metadataNamespace => 'http://www.openarchives.org/OAI/2.0/oai_dc/'));
    $response->content($l) },
  ListSets => sub { refuse('noSetHierarchy', 'there are no sets') },
  ListRecords => sub { list(HTTP::OAI::ListRecords->new, \&record, 'record') },
  ListIdentifiers => sub { list(HTTP::OAI::ListIdentifiers->new, \&header, 'identifier') },
  GetRecord => sub {
    my ($i) = ($a{identifier} // '') =~ /^oai:httpoai\.example\.org:(\d+)$/;
    return refuse('idDoesNotExist', 'no such record') unless $i and $i <= $n;
    my $l = HTTP::OAI::GetRecord->new; $l->record(record($i)); $response->content($l) },
);
($verbs{$a{verb} // ''} // sub { refuse('badVerb', 'no such verb') })->();
my $driver = HTTP::OAI::SAX::Driver->new(Handler => my $builder = XML::LibXML::SAX::Builder->new);
$driver->start_oai_pmh; $response->generate($driver); $driver->end_oai_pmh;
binmode STDOUT;
print "Content-Type: text/xml; charset=utf-8\r\n\r\n", $builder->result->toString;
