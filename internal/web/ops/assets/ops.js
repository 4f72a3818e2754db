// Asks for the page again from time to time, and puts what is new in the place of what was there. Nothing is replaced while
// somebody writes, has marked text, or does not look; a button stops it.
"use strict";
(() => {
	const live = () => document.getElementById("live");
	const every = Number(live()?.dataset.every) || 0;
	if (!every) return;
	const key = "sheaf-refreshing";
	let stopped = sessionStorage.getItem(key) === "stopped";
	let asking = false;

	const button = document.createElement("button");
	button.className = "refreshing";
	const label = () => { button.textContent = stopped ? "Refresh by itself again" : "Stop refreshing"; };
	button.addEventListener("click", () => {
		stopped = !stopped;
		sessionStorage.setItem(key, stopped ? "stopped" : "");
		label();
	});
	label();
	document.querySelector("footer p").append(button);

	// What can have the focus, in the order of the page.
	const stops = (part) => [...part.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
	const busy = () => {
		const at = document.activeElement;
		if (document.hidden || stopped || asking) return true;
		if (live().contains(at) && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName)) return true;
		if (String(getSelection()) !== "") return true;
		return [...live().querySelectorAll("input, textarea")].some((f) => f.type === "checkbox" ? f.checked !== f.defaultChecked : f.value !== f.defaultValue);
	};
	const refresh = async () => {
		if (busy()) return;
		asking = true;
		try {
			const answer = await fetch(location.href, { headers: { "Sheaf-Refresh": "1" } });
			const page = new DOMParser().parseFromString(await answer.text(), "text/html");
			const fresh = page.getElementById("live");
			asking = false;
			if (!answer.ok || !fresh || busy()) return;
			const old = live();
			const open = [...old.querySelectorAll("details")].map((d) => d.open);
			const scrolled = [...old.querySelectorAll(".wide")].map((w) => w.scrollLeft);
			const at = stops(old).indexOf(document.activeElement);
			old.replaceWith(fresh);
			fresh.querySelectorAll("details").forEach((d, i) => { d.open = open[i] ?? false; });
			fresh.querySelectorAll(".wide").forEach((w, i) => { w.scrollLeft = scrolled[i] ?? 0; });
			if (at >= 0) stops(fresh)[at]?.focus({ preventScroll: true });
		} catch {
			// The gateway is away: what is shown stays, and it is tried again.
		} finally {
			asking = false;
		}
	};
	setInterval(refresh, every * 1000);
})();
