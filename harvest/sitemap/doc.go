// Package sitemap harvests what the pages of a web site say of the things that they show, led by the site's sitemaps.
//
//	source, err := sitemap.New(sitemap.Config{From: "https://example.org/sitemap.xml"}, fetcher)
//
// A [Source] goes through the sitemap, and through those that an index names, and asks for the pages: schema.org in JSON-LD,
// or meta tags of Dublin Core or Highwire Press (package webpage). A page becomes one item, whose key is the address that
// the sitemap gives and whose original is the excerpt of the page with its metadata.
//
// # What is asked for again
//
// Each pass reads the sitemaps. Pages whose lastmod is what it was are not asked for; pages without one are asked for on the
// condition that they have changed, by their ETag or Last-Modified. What was seen of each page is noted in its item
// ([harvest.Item].Memo). As long as nothing could not be had, a Source does not read sitemaps again whose lastmod in the
// index is what it was; such a pass does not prove that pages are gone, and with Config.Complete there is none. At the
// first pass, after Config.FullEvery and after Restart, all pages are asked for, whatever lastmod says.
//
// # Politeness
//
// The robots.txt of each site is asked for once in a pass and obeyed, with its Crawl-delay. Addresses at another host than
// that of From are refused, unless Config.Hosts names the host, or its robots.txt names the sitemap.
//
// # What is no item
//
// What a sitemap names and what is no item says so, in a warning of the run or in quarantine: pages that want not to be
// indexed, that are copies of others, that lead elsewhere, that say nothing of a thing. A page that is gone (404, 410) is
// deleted. A sitemap that is cut off or can't be had makes the pass short.
//
// # Bounds
//
// A sitemap has at most 50 MiB, also when it is unpacked, and a page 8 MiB. Indexes may be four deep, and name 50,000
// sitemaps in a pass.
package sitemap
