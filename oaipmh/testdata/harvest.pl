# Harvests a repository with HTTP::OAI, and prints a line for each record: status and identifier.
#   perl harvest.pl BASE-URL [NAME VALUE]...
use strict; use warnings;
use HTTP::OAI;
my ($base, %arguments) = @ARGV;
# Of a list that it resumes by itself, HTTP::OAI 4.12 gives the last page only.
my $harvester = HTTP::OAI::Harvester->new(baseURL => $base, resume => 0);
my $identify = $harvester->Identify;
die 'Identify: ' . $identify->message if $identify->is_error;
%arguments = (metadataPrefix => 'oai_dc', %arguments);
while (%arguments) {
    my $response = $harvester->ListRecords(%arguments);
    die 'ListRecords: ' . $response->code . ' ' . $response->message if $response->is_error;
    while (my $record = $response->next) {
        my $deleted = $record->is_deleted ? 'deleted' : 'live';
        die 'no metadata in ' . $record->identifier if $deleted eq 'live' && !$record->metadata;
        print "$deleted ", $record->identifier, "\n";
    }
    my $token = $response->resumptionToken;
    %arguments = $token && length($token->resumptionToken // '') ? (resumptionToken => $token->resumptionToken) : ();
}
