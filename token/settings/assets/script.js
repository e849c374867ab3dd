// Copy buttons, local times, and a page that keeps itself up to date. All else
// works without this script.
"use strict";
(() => {
	const root = document.documentElement;
	const body = document.body;
	const lang = root.lang || undefined;
	root.classList.add("script");

	const announcer = document.getElementById("announcer");
	const announce = (text) => {
		announcer.textContent = "";
		setTimeout(() => { announcer.textContent = text; }, 50);
	};

	// Times: local, and how long ago.
	const full = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "medium" });
	const short = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });
	const precise = new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit", second: "2-digit" });
	const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
	const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
	const ago = (date) => {
		const seconds = Math.min(0, Math.round((date - Date.now()) / 1000));
		const [unit, size] = units.find(([, size]) => -seconds >= size) || ["second", 1];
		return relative.format(Math.trunc(seconds / size), unit);
	};
	const showTimes = () => {
		for (const el of document.querySelectorAll("time")) {
			const date = new Date(el.dateTime);
			el.title = full.format(date);
			el.textContent = "ago" in el.dataset ? ago(date) : (el.closest("table") ? precise : short).format(date);
		}
	};

	// Copying.
	const select = (el) => {
		const range = document.createRange();
		range.selectNodeContents(el);
		getSelection().removeAllRanges();
		getSelection().addRange(range);
	};
	const copy = async (button) => {
		const source = button.previousElementSibling;
		try {
			await navigator.clipboard.writeText(source.textContent);
		} catch {
			select(source);
			if (!document.execCommand("copy")) {
				announce(body.dataset.copyFailed);
				return;
			}
		}
		announce(body.dataset.copied);
		if (button.dataset.busy) return;
		button.dataset.busy = "yes";
		const text = button.textContent;
		const label = button.getAttribute("aria-label");
		const show = (text, label) => {
			button.textContent = text;
			if (label) button.setAttribute("aria-label", label);
		};
		show(body.dataset.copied, label && body.dataset.copied);
		setTimeout(() => {
			show(text, label);
			delete button.dataset.busy;
		}, 2000);
	};
	document.addEventListener("click", (event) => {
		const button = event.target.closest("[data-copy]");
		if (button) copy(button);
	});

	// A secret does not come back with the Back button.
	addEventListener("pagehide", () => {
		document.getElementById("secret")?.closest("section").remove();
	});

	// A form is sent once.
	document.addEventListener("submit", (event) => {
		if (event.target.dataset.sent) event.preventDefault();
		event.target.dataset.sent = "yes";
	});
	addEventListener("pageshow", () => {
		for (const form of document.forms) delete form.dataset.sent;
	});

	// Live regions. The API tells whether anything has changed; then the page
	// itself is asked for, so that all that is shown comes from one place.
	let version = body.dataset.version;
	let failures = 0;
	const regions = () => document.querySelectorAll("[data-live]");
	const busy = (el) => el.contains(document.activeElement) || !getSelection().isCollapsed && el.contains(getSelection().anchorNode);
	const ask = (path) => fetch(body.dataset.root + path, { cache: "no-store", signal: AbortSignal.timeout(20000) });
	const refresh = async () => {
		const answer = await ask("");
		const page = new DOMParser().parseFromString(await answer.text(), "text/html");
		if (!answer.ok || !page.body.dataset.version) throw new Error("not the page");
		let complete = true;
		for (const old of regions()) {
			const fresh = page.getElementById(old.id);
			if (!fresh) continue;
			if (busy(old)) { // not under somebody's cursor
				complete = false;
				continue;
			}
			const changed = fresh.dataset.state !== old.dataset.state;
			old.dataset.state = fresh.dataset.state;
			old.replaceChildren(...fresh.childNodes);
			if (changed) announce(old.querySelector(".state-title").textContent);
		}
		if (complete) version = page.body.dataset.version;
		showTimes();
	};
	// After failures it polls more slowly, says so, and begins anew when the
	// network or somebody at the page is back.
	const stale = document.getElementById("stale");
	let timer = 0;
	let polling = false;
	const poll = async () => {
		clearTimeout(timer);
		if (polling) return;
		polling = true;
		try {
			if (!document.hidden) {
				const answer = await ask("api/status");
				const status = await answer.json();
				if (!answer.ok) throw new Error(answer.status);
				if (status.version !== version) await refresh();
				failures = 0;
			}
		} catch {
			failures++;
		}
		polling = false;
		if (stale) stale.hidden = failures < 3;
		const waiting = document.getElementById("live-state")?.dataset.state === "waiting";
		timer = setTimeout(poll, Math.min((waiting ? 2000 : 8000) * (1 + failures), 60000));
	};

	showTimes();
	setInterval(showTimes, 30000);
	if (version && regions().length) {
		timer = setTimeout(poll, 2000);
		addEventListener("online", poll);
		document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
	}
})();
