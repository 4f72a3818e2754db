package main

import "testing"

// What is wrong with the look of the pages is said before it is in force: where it is, and what to do.
func TestCheckLook(t *testing.T) {
	folder(t, map[string]string{
		"pale.yaml":            "look:\n  light:\n    link: \"#ffcc00\"\n  dark: {page: \"#ffffff\"}\n",
		"templates.yaml":       "look: {templates: templates}\n",
		"logo.yaml":            "look: {logo: logo.png}\n",
		"colour.yaml":          "look: {light: {link: red}}\n",
		"templates/start.html": "{{define \"main\"}}\n<h1>{{.Name}</h1>{{end}}",
		"logo.png":             "GIF89a",
		"good.yaml":            "look: {templates: good, footer: One, light: {link: \"#7a1f3d\"}}\n",
		"good/start.html":      "{{define \"main\"}}<h1>{{.Name}}</h1>{{end}}",
		"nowhere.yaml":         "look: {templates: nowhere}\n",
	})
	holds(t, "colours", want(t, exitLook, "config", "check", "pale.yaml").stderr,
		"pale.yaml:3:11: warning: look.light.link: #ffcc00 on the page, #fffefb, has a contrast of 1.4", "take a darker colour, or a lighter page",
		"pale.yaml:4:3: warning: look.dark.text: ")
	holds(t, "templates", want(t, exitUsage, "config", "check", "templates.yaml").stderr, "look.templates: ", "start.html:2: ", "take the file out of the folder")
	holds(t, "a folder", want(t, exitUsage, "config", "check", "nowhere.yaml").stderr, "look.templates: ", "nowhere")
	holds(t, "a logo", want(t, exitUsage, "config", "check", "logo.yaml").stderr, "look.logo: ", "logo.png is not what its name says")
	holds(t, "a colour", want(t, exitUsage, "config", "check", "colour.yaml").stderr, "colour.yaml:1:22: look.light.link: ", "is not a colour such as #0b4f8a")
	want(t, exitDone, "config", "check", "good.yaml")
}
