import { keyOf } from "../../../model/meta.ts";
import type { Invariant } from "./invariant.ts";

const first = 10_000;
const longest = 300_000;
/** Who ran for longer than this since it was put off last begins anew. */
const forgiven = 600_000;

/** What a kubelet keeps in mind of a container, in milliseconds. */
interface Book {
  /** The last instance of which an end was heard, and when. */
  attempt: number;
  endedAt: number;
  /** How long the next start is put off, and since when that is so; 0: it is not. */
  delay: number;
  updatedAt: number;
  /** When the kubelet began that heard it. */
  kubelet: number;
}

/**
 * At once the first time, then 10 s after its end, 20 s, 40 s, up to 5 min; anew where it has run for 10 min since. How much later
 * a start may come is left out: a start that no answer came to puts the next one off as well.
 */
export const backoff: Invariant = {
  name: "a container that ends again and again is put off for longer each time",
  watch({ sandbox, kubeletSince, now }) {
    const books = new Map<string, Map<string, Book>>();
    const noteEnd = (podUid: string, container: string, attempt: number, failedStart: boolean) => {
      const node = sandbox(podUid)?.nodeName;
      if (node === undefined) return;
      const kubelet = kubeletSince(node);
      let ofPod = books.get(podUid);
      if (!ofPod) books.set(podUid, (ofPod = new Map()));
      let book = ofPod.get(container);
      if (!book || book.kubelet !== kubelet)
        ofPod.set(container, (book = { attempt: -1, endedAt: 0, delay: 0, updatedAt: 0, kubelet }));
      if (attempt <= book.attempt) return;
      book.attempt = attempt;
      book.endedAt = now();
      // A program that does not run at all is not tried again at once.
      if (!failedStart || book.delay > 0) return;
      book.delay = first;
      book.updatedAt = now();
    };
    return {
      answer(event) {
        if (event.type === "sandboxRemoved") books.delete(event.podUid);
        else if (event.type === "containerExited")
          noteEnd(event.podUid, event.container, event.attempt, false);
        else if (event.type === "containerFailed" && event.reason === "RunContainerError")
          noteEnd(event.podUid, event.container, event.attempt, true);
        return undefined;
      },
      command(command) {
        if (command.type !== "startContainer" && command.type !== "signalContainer") return undefined;
        const { podUid, container, attempt } = command;
        const book = books.get(podUid)?.get(container);
        // One that is killed may have been given up before, since its start was not answered: its end says nothing.
        if (book && command.type === "signalContainer" && command.signal === "SIGKILL") {
          book.attempt = Math.max(book.attempt, attempt);
          book.endedAt = Number.NEGATIVE_INFINITY;
          book.delay = 0;
        }
        if (command.type !== "startContainer") return undefined;
        const there = book && sandbox(podUid);
        if (!there || attempt !== book.attempt + 1 || book.kubelet !== kubeletSince(there.nodeName))
          return undefined;
        const { delay, endedAt, updatedAt } = book;
        const due = delay === 0 || endedAt - updatedAt > forgiven ? 0 : delay;
        book.delay = due === 0 ? first : Math.min(due * 2, longest);
        book.updatedAt = now();
        if (now() >= endedAt + due) return undefined;
        const message = `container ${container} of pod ${there.pod.metadata.name} is started ${now() - endedAt} ms after its end, and is to be put off by ${due / 1000} s`;
        return { message, objects: [keyOf(there.pod)] };
      },
    };
  },
};
