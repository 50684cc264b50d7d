// The sorter: moves every parcel one station further, again and again. Nobody connects to it.
const { STORE, PASSWORD = "", PACE = "1000" } = process.env;
const stations = ["post office", "sorting centre", "van", "delivered"];
const headers = { authorization: `Bearer ${PASSWORD}` };

async function round() {
  const parcels = await fetch(`${STORE}/`, { headers }).then((answer) => answer.json());
  for (const [name, place] of Object.entries(parcels)) {
    const next = stations[stations.indexOf(place) + 1];
    if (next === undefined) continue;
    await fetch(`${STORE}/${encodeURIComponent(name)}/${encodeURIComponent(next)}`, {
      method: "PUT",
      headers,
    });
    console.log(`${name}: ${place} -> ${next}`);
  }
}

const timer = setInterval(() => {
  round().catch((error) => console.log(`the store does not answer: ${error.message}`));
}, Number(PACE));
process.on("SIGTERM", () => {
  clearInterval(timer);
  process.exit(0);
});
