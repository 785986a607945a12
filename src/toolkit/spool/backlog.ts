/**
 * What is to be delivered, in order, each batch on disk before the platform is answered: a process that is killed, as
 * at every time-out, leaves everything to its successor. Memory holds copies of the oldest, within a bound.
 */
import { Counts } from "../delivery/counts.ts";
import type { DropReason, TelemetryRecord } from "../telemetry-records.ts";
import { isReportBatch, newBatchId } from "./batch-id.ts";
import { dropReports, isDropReport } from "./drop-reports.ts";
import { framesIn, frameHead, type FrameHead } from "./frame.ts";
import { SegmentFiles } from "./segment-files.ts";

export interface BacklogSettings {
  /** Undefined keeps everything in memory. */
  readonly directory: string | undefined;
  /** Of all files together. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Of the batches held in memory, as they came. */
  readonly maxMemoryBytes: number;
}

interface Batch extends FrameHead {
  /** Where it lies; undefined when the disk did not take it. */
  readonly place: { readonly segment: number; readonly index: number; readonly offset: number } | undefined;
  events: readonly TelemetryRecord[] | undefined;
  /** Records of its beginning that are delivered or dropped. */
  done: number;
}

export interface PendingRecord {
  readonly record: TelemetryRecord;
  /** The same in every process that ever sends this record, and no other record's. */
  readonly id: string;
}

/** A file is removed when all in it is delivered: small files give their space back soon. */
const segmentBytes = 1_048_576;

export class Backlog {
  readonly counts = new Counts();
  readonly #settings: BacklogSettings;
  readonly #files: SegmentFiles | undefined;
  readonly #batches: Batch[] = [];
  readonly #segments = new Map<number, { bytes: number; frames: number; left: number }>();
  #appendTo = 1;
  #memoryBytes = 0;
  #pendingBytes = 0;
  #fileBytes = 0;
  /** Batches from the first that are being sent: they stay where they are. */
  #held = 0;
  #unreported = new Map<DropReason, { records: number; bytes: number }>();
  /** The last failure of the disk, until it works again. */
  problem: unknown;

  /** Opens the spool, with what an earlier process left in it. */
  constructor(settings: BacklogSettings) {
    this.#settings = settings;
    if (settings.directory === undefined) return;
    this.#files = new SegmentFiles(settings.directory);
    try {
      this.#recover(this.#files);
    } catch (error) {
      this.problem = error;
    }
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get pendingRecords(): number {
    return this.counts.pending;
  }

  /** Of those, records that only memory holds: the end of the process loses them. */
  get unspooledRecords(): number {
    return this.#batches.reduce((sum, { place, records, done }) => sum + (place === undefined ? records - done : 0), 0);
  }

  /** Ids of the batches it holds, oldest first: what the platform sends again is known by them. */
  get sequenceIds(): readonly string[] {
    return this.#batches.map(({ sequenceId }) => sequenceId).filter((id) => id !== "");
  }

  /** Takes a batch. It is safe when this returns, or counted as dropped. */
  accept(events: readonly TelemetryRecord[], body: Buffer, sequenceId: string, now: number): void {
    this.counts.accepted(events.length);
    const id = newBatchId(now, isDropReport(events[0]));
    const head = { records: events.length, bytes: body.length, acceptedAt: now, sequenceId, id };
    const place = this.#write(head, body);
    const fits = this.#memoryBytes + body.length <= this.#settings.maxMemoryBytes;
    if (place === undefined && !fits) {
      this.#drop(events.length, body.length, "memory full");
      return;
    }
    if (fits) this.#memoryBytes += body.length;
    this.#pendingBytes += body.length;
    this.#batches.push({ ...head, place, events: fits ? events : undefined, done: 0 });
    this.#dropOldest();
  }

  /** Drops what is too old, and puts a report where records were dropped since the last one. */
  tidy(now: number): void {
    while (
      this.#held === 0 &&
      this.#batches[0] !== undefined &&
      now - this.#batches[0].acceptedAt > this.#settings.maxAgeMs
    )
      this.#dropBatch(0, "too old");
    const unreported = this.#unreported;
    if (unreported.size === 0) return;
    this.#unreported = new Map();
    const reports = dropReports(unreported, now);
    this.accept(reports, Buffer.from(JSON.stringify(reports)), "", now);
  }

  /** The records from the beginning, one after the other, over all batches. */
  *records(): Generator<PendingRecord> {
    // By index: batches may be added, and a lost one taken out, between two records.
    for (let at = 0; at < this.#batches.length; at += 1) {
      const batch = this.#batches[at]!;
      const events = this.#read(batch);
      if (events === undefined) {
        this.#dropBatch(at, "spool lost");
        at -= 1;
      } else {
        for (let index = batch.done; index < events.length; index += 1)
          yield { record: events[index]!, id: `${batch.id}.${index}` };
      }
    }
  }

  /** The first records are being sent: nothing before or among them is dropped until they are settled. */
  hold(records: number): void {
    let covered = 0;
    this.#held = this.#batches.findIndex((batch) => (covered += batch.records - batch.done) >= records) + 1;
  }

  /** The first records are done with, delivered or counted otherwise; gives their space back. */
  settle(records: number): void {
    this.#held = 0;
    let left = records;
    while (left > 0 && this.#batches[0] !== undefined) {
      const batch = this.#batches[0];
      const taken = Math.min(left, batch.records - batch.done);
      batch.done += taken;
      left -= taken;
      if (batch.done === batch.records) this.#remove(0);
    }
    this.#noteProgress();
  }

  /** Counts records as dropped that stay in their place until they are settled; they will be reported. */
  dropped(record: TelemetryRecord, reason: DropReason): void {
    // A report that cannot be delivered is not reported again: that would go on for ever.
    if (isDropReport(record)) this.counts.dropped(1, reason);
    else this.#drop(1, Buffer.byteLength(JSON.stringify(record)), reason);
  }

  /** Closes the files; what is pending stays in them, and the directory goes when there is nothing. */
  close(): void {
    try {
      this.#files?.close(this.#batches.length === 0);
    } catch (error) {
      this.problem = error;
    }
  }

  #recover(files: SegmentFiles): void {
    const progress = files.readProgress();
    // A number is never used again: what is noted of a file that is gone must not be taken for a new one's.
    this.#appendTo = Math.max(this.#appendTo, (progress?.segment ?? 0) + 1);
    for (const segment of files.list()) {
      this.#appendTo = Math.max(this.#appendTo, segment + 1);
      const content = files.read(segment);
      const frames = framesIn(content);
      const done = progress?.segment === segment ? progress : undefined;
      const left = frames.slice(done?.frames ?? 0);
      if (left.length === 0) {
        files.remove(segment);
        continue;
      }
      this.#fileBytes += content.length;
      this.#segments.set(segment, { bytes: content.length, frames: frames.length, left: left.length });
      for (const [at, { offset, ...head }] of left.entries()) {
        const index = (done?.frames ?? 0) + at;
        const batch = {
          ...head,
          place: { segment, index, offset },
          events: undefined,
          done: at === 0 ? (done?.records ?? 0) : 0,
        };
        this.#batches.push(batch);
        this.#pendingBytes += batch.bytes;
        this.counts.accepted(batch.records - batch.done);
      }
    }
  }

  #write(head: FrameHead, body: Buffer): Batch["place"] {
    if (this.#files === undefined) return undefined;
    const segment = this.#appendTo;
    try {
      const text = frameHead(head);
      const offset = this.#files.append(segment, text, body);
      const facts = this.#segments.get(segment) ?? { bytes: 0, frames: 0, left: 0 };
      this.#segments.set(segment, facts);
      facts.bytes += text.length + body.length + 1;
      this.#fileBytes += text.length + body.length + 1;
      facts.left += 1;
      facts.frames += 1;
      if (facts.bytes >= segmentBytes) this.#appendTo += 1;
      this.problem = undefined;
      return { segment, index: facts.frames - 1, offset };
    } catch (error) {
      this.problem = error;
      return undefined;
    }
  }

  #read(batch: Batch): readonly TelemetryRecord[] | undefined {
    if (batch.events !== undefined) return batch.events;
    if (batch.place === undefined || this.#files === undefined) return undefined;
    try {
      const { segment, offset } = batch.place;
      return JSON.parse(this.#files.readPart(segment, offset, batch.bytes).toString("utf8")) as TelemetryRecord[];
    } catch (error) {
      this.problem = error;
      return undefined;
    }
  }

  /** Whole files go, the oldest first, but none that is being delivered from, nor the one that is written to. */
  #dropOldest(): void {
    if (this.#fileBytes <= this.#settings.maxBytes) return;
    const kept = new Set(this.#batches.slice(0, Math.max(1, this.#held)).map(({ place }) => place?.segment));
    kept.add(this.#appendTo);
    for (const segment of this.#segments.keys()) {
      if (this.#fileBytes <= this.#settings.maxBytes) return;
      if (kept.has(segment)) continue;
      for (let at = this.#batches.length - 1; at >= 0; at -= 1)
        if (this.#batches[at]?.place?.segment === segment) this.#dropBatch(at, "spool full");
    }
  }

  #dropBatch(at: number, reason: DropReason): void {
    const batch = this.#batches[at]!;
    const reports = isReportBatch(batch.id) ? this.#read(batch)?.slice(batch.done).filter(isDropReport) : undefined;
    if (reports === undefined) this.#drop(batch.records - batch.done, batch.bytes, reason);
    else this.counts.dropped(reports.length, reason);
    // What they tell has still to be told.
    for (const { record } of reports ?? []) this.#toReport(record.droppedRecords, record.droppedBytes, record.reason);
    this.#remove(at);
  }

  #drop(records: number, bytes: number, reason: DropReason): void {
    this.counts.dropped(records, reason);
    this.#toReport(records, bytes, reason);
  }

  #toReport(records: number, bytes: number, reason: DropReason): void {
    const before = this.#unreported.get(reason) ?? { records: 0, bytes: 0 };
    this.#unreported.set(reason, { records: before.records + records, bytes: before.bytes + bytes });
  }

  #remove(at: number): void {
    const [batch] = this.#batches.splice(at, 1);
    if (batch === undefined) return;
    this.#pendingBytes -= batch.bytes;
    if (batch.events !== undefined) this.#memoryBytes -= batch.bytes;
    if (batch.place === undefined) return;
    const { segment } = batch.place;
    const facts = this.#segments.get(segment);
    if (facts === undefined || (facts.left -= 1) > 0) return;
    this.#segments.delete(segment);
    this.#fileBytes -= facts.bytes;
    if (segment === this.#appendTo) this.#appendTo += 1;
    this.#tolerating(() => this.#files?.remove(segment));
  }

  #noteProgress(): void {
    const head = this.#batches[0];
    if (head?.place === undefined) return;
    const { segment, index } = head.place;
    this.#tolerating(() => this.#files?.writeProgress({ segment, frames: index, records: head.done }));
  }

  #tolerating(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.problem = error;
    }
  }
}
