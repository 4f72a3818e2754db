package ops

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An action is something that a form asks for. Each does what the command of its name does, through the same client.
type action struct {
	role string
	what func(url.Values) string // for the list of tasks
	do   func(s *ops, c *deed) (string, error)
}

// A deed is an action that is being done.
type deed struct {
	ctx    context.Context
	client *control.Client
	form   url.Values
	person *person
	tell   func(progress string)
}

// deeds are the actions, by the last part of their address.
var deeds = map[string]action{
	"harvest":  {config.RoleAct, of("Harvest", "source"), (*ops).doHarvest},
	"pause":    {config.RoleAct, of("Pause", "source"), (*ops).doPause},
	"resume":   {config.RoleAct, of("Resume", "source"), (*ops).doResume},
	"cancel":   {config.RoleAct, of("Cancel the harvest of", "source"), (*ops).doCancel},
	"approve":  {config.RoleAct, of("Approve run", "run"), (*ops).doApprove},
	"refuse":   {config.RoleAct, of("Refuse run", "run"), (*ops).doRefuse},
	"retry":    {config.RoleAct, of("Retry items of quarantine", ""), (*ops).doRetry},
	"drop":     {config.RoleAct, of("Drop items of quarantine", ""), (*ops).doDrop},
	"takedown": {config.RoleAdmin, of("Take down", "id"), (*ops).doTakedown},
	"withdraw": {config.RoleAdmin, of("Withdraw", "id"), (*ops).doWithdraw},
	"readmit":  {config.RoleAdmin, of("Let come back", "id"), (*ops).doReadmit},
	"reload":   {config.RoleAdmin, of("Reload the configuration", ""), (*ops).doReload},
	"backup":   {config.RoleAdmin, of("Back up", ""), (*ops).doBackup},
}

func of(verb, key string) func(url.Values) string {
	return func(form url.Values) string { return strings.TrimSpace(verb + " " + form.Get(key)) }
}

// act does what a form asks for, once, if the person may. The answer leads back to the page, which says what came of it.
func (s *ops) act(w http.ResponseWriter, r *http.Request) {
	own, known := deeds[r.PathValue("action")]
	if !known {
		s.page(nothing).ServeHTTP(w, r)
		return
	}
	p := visitor(r)
	if !p.May(own.role) {
		s.mayNot(w, r, p, own.role)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.problemPage(w, r, http.StatusRequestEntityTooLarge, "That is too much for one form", "Send less at once.")
		return
	}
	if err := s.door.forms.use(r.PostFormValue("form"), p, time.Now()); err != nil {
		s.problemPage(w, r, http.StatusConflict, "Nothing was done", sentence(err))
		return
	}
	c := &deed{client: s.Commands.For(p.Name, audit.ByPages, client(r)), form: r.PostForm, person: p}
	id, err := s.tasks.begin(own.what(r.PostForm), p.Name, nil, func(ctx context.Context, tell func(string)) (string, error) {
		c.ctx, c.tell = ctx, tell
		return own.do(s, c)
	})
	if err != nil {
		s.problemPage(w, r, http.StatusServiceUnavailable, "Nothing was done", sentence(err))
		return
	}
	http.Redirect(w, r, withTask(localPath(r.PostFormValue("back")), id), http.StatusSeeOther)
}

// mayNot says why a person may not do something.
func (s *ops) mayNot(w http.ResponseWriter, r *http.Request, p *person, role string) {
	if p == nil {
		s.problemPage(w, r, http.StatusUnauthorized, "Sign in first", "Nothing was done. Changes need the token, or a user of the gateway.")
		return
	}
	s.Logger.Warn("a person asked for more than their role allows", "who", p.Name, "role", p.Role, "needs", role, "path", r.URL.Path)
	s.problemPage(w, r, http.StatusForbidden, "Your role does not allow that", fmt.Sprintf("Nothing was done. You have the role %s; this needs %s (listen.ops_roles in the configuration).", p.Role, role))
}

// sentence makes a sentence of an error.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// withTask is a page's address that tells of a task.
func withTask(path string, id int64) string {
	u, err := url.Parse(path)
	if err != nil {
		return "/"
	}
	query := u.Query()
	query.Set("task", strconv.FormatInt(id, 10))
	u.RawQuery = query.Encode()
	return u.String()
}

func (s *ops) doHarvest(c *deed) (string, error) {
	var last control.HarvestLine
	err := c.client.Harvest(c.ctx, c.form.Get("source"), pipeline.Order{Full: c.form.Get("full") != "", Accept: c.form.Get("accept") != ""}, func(l *control.HarvestLine) error {
		last = *l
		c.tell(fmt.Sprintf("%d items", l.Counts.Items))
		return nil
	})
	switch {
	case err != nil:
		return "", err
	case last.Error != "":
		return "", errors.New(strings.TrimSpace(last.Error + ". " + last.Advice))
	}
	n := last.Counts
	return strings.TrimSpace(fmt.Sprintf("%s: %d new, %d changed, %d deleted, %d unchanged, %d rejected. %s", last.Result, n.Added, n.Updated, n.Deleted, n.Unchanged, n.Rejected, last.Why)), nil
}

func (s *ops) doPause(c *deed) (string, error) {
	stop, err := c.client.Pause(c.ctx, c.form.Get("source"), pipeline.Stop{Who: c.person.Name, Reason: c.form.Get("reason")})
	return stop.Sentence(), err
}

func (s *ops) doResume(c *deed) (string, error) {
	_, err := c.client.Resume(c.ctx, c.form.Get("source"), c.person.Name)
	return "It is harvested again when it is due.", err
}

func (s *ops) doCancel(c *deed) (string, error) {
	ended, err := c.client.Cancel(c.ctx, c.form.Get("source"), c.person.Name, c.form.Get("reason"))
	return fmt.Sprintf("The harvest ended as %s; the next one goes on from there.", ended.Result), err
}

func (s *ops) doApprove(c *deed) (string, error) { return c.decide(true) }
func (s *ops) doRefuse(c *deed) (string, error)  { return c.decide(false) }

func (c *deed) decide(approve bool) (string, error) {
	run, err := strconv.ParseInt(c.form.Get("run"), 10, 64)
	if err != nil {
		return "", errors.New("the form names no run")
	}
	v, err := c.client.Decide(c.ctx, run, pipeline.Decision{Approve: approve, Who: c.person.Name})
	switch {
	case err != nil:
		return "", err
	case !approve:
		return "Refused: everything stays as it is.", nil
	case v.Later:
		return "Approved. A harvest of the source is under way, at whose end it is done.", nil
	}
	return fmt.Sprintf("Approved and done: %d deleted, %d changed.", v.Counts.Deleted, v.Counts.Updated), nil
}

// items are the items of quarantine that a form names, as NUMBER:SOURCE, by source.
func (c *deed) items() (map[string][]int64, error) {
	out := map[string][]int64{}
	for _, text := range c.form["item"] {
		number, source, ok := strings.Cut(text, ":")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || !ok {
			return nil, errors.New("the form names an item that is none")
		}
		out[source] = append(out[source], n)
	}
	if len(out) == 0 {
		return nil, errors.New("no item was chosen")
	}
	return out, nil
}

func (s *ops) doRetry(c *deed) (string, error) {
	items, err := c.items()
	if err != nil {
		return "", err
	}
	var sum pipeline.Counts
	for source, which := range items {
		n, err := c.client.Retry(c.ctx, source, which)
		if err != nil {
			return "", err
		}
		sum.Add(n)
	}
	return fmt.Sprintf("%d new, %d changed, %d unchanged; %d could not be used again.", sum.Added, sum.Updated, sum.Unchanged, sum.Rejected), nil
}

func (s *ops) doDrop(c *deed) (string, error) {
	items, err := c.items()
	if err != nil {
		return "", err
	}
	var sum int64
	for _, which := range items {
		n, err := c.client.Dismiss(c.ctx, which, c.person.Name)
		if err != nil {
			return "", err
		}
		sum += n
	}
	return counted(sum, "item needs", "items need") + " nobody's attention any more.", nil
}

func (s *ops) doTakedown(c *deed) (string, error) {
	if c.form.Get("sure") == "" {
		return "", errors.New("a takedown can't be undone: tick that you know that")
	}
	return c.remove(true)
}

func (s *ops) doWithdraw(c *deed) (string, error) { return c.remove(false) }

func (c *deed) remove(final bool) (string, error) {
	id, reason := strings.TrimSpace(c.form.Get("id")), strings.TrimSpace(c.form.Get("reason"))
	switch {
	case id == "":
		return "", errors.New("the form names no record")
	case reason == "":
		return "", errors.New("say why: somebody will ask one day")
	}
	removed, err := c.client.Remove(c.ctx, pipeline.Removal{Identifier: id, Final: final, Reason: reason, Who: c.person.Name})
	switch {
	case err != nil:
		return "", err
	case removed.Seq == 0:
		return removed.Identifier + " is not in the log; it is kept out if it comes.", nil
	case removed.Final:
		return removed.Identifier + " is taken down and kept out. Backups that were made before still have it.", nil
	}
	return removed.Identifier + " is hidden until it is let come back.", nil
}

func (s *ops) doReadmit(c *deed) (string, error) {
	id := strings.TrimSpace(c.form.Get("id"))
	return id + " is served again.", c.client.Readmit(c.ctx, id, c.person.Name)
}

func (s *ops) doReload(c *deed) (string, error) {
	changed, err := c.client.Reload(c.ctx)
	return "The configuration is good: " + strings.Join(changed, "; ") + ".", err
}

// backupFolder is where the page makes backups, in the data folder, if the configuration has no folder for them: whoever
// signs in can't name files of the machine.
const backupFolder = "backup"

func (s *ops) doBackup(c *deed) (string, error) {
	if s.Config.Backup.Kept() {
		where, err := c.client.KeepBackup(c.ctx)
		return "The log is copied to " + where + ".", err
	}
	dir, err := filepath.Abs(filepath.Join(s.Config.Data, backupFolder))
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return "", fmt.Errorf("make the folder for backups: %w", err)
	}
	file := filepath.Join(dir, time.Now().UTC().Format("sheaf-20060102T150405Z.db"))
	return "The log is copied to " + file + ". Take it off the machine.", c.client.Backup(c.ctx, file)
}
