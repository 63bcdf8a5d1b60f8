import type { ProgramId } from '../model/ids.ts';

interface Wish<K, V> {
  readonly key: K;
  readonly resolve: (value: V) => void;
  readonly reject: (error: unknown) => void;
}

/** Keys looked up by one statement at most. */
const GATHERED_MAX = 128;

/**
 * Gathers single look-ups that arrive while earlier ones are under way into one statement per program, as commands are
 * gathered into batches.
 */
export class Gather<K, V> {
  readonly #load: (program: ProgramId, keys: readonly K[]) => Promise<readonly V[]>;
  readonly #concurrent: number;
  readonly #wishes = new Map<ProgramId, Wish<K, V>[]>();
  #under = 0;
  #scheduled = false;

  /** `load` answers in the order of its keys. */
  constructor(load: (program: ProgramId, keys: readonly K[]) => Promise<readonly V[]>, concurrent: number) {
    this.#load = load;
    this.#concurrent = concurrent;
  }

  get(program: ProgramId, key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      const wishes = this.#wishes.get(program);
      if (wishes === undefined) this.#wishes.set(program, [{ key, resolve, reject }]);
      else wishes.push({ key, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#under >= this.#concurrent) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (const [program, wishes] of this.#wishes) {
      if (this.#under >= this.#concurrent) return;
      this.#wishes.delete(program);
      const now = wishes.splice(0, GATHERED_MAX);
      if (wishes.length > 0) this.#wishes.set(program, wishes);
      void this.#run(program, now);
    }
  }

  async #run(program: ProgramId, wishes: readonly Wish<K, V>[]): Promise<void> {
    this.#under += 1;
    try {
      const values = await this.#load(
        program,
        wishes.map((wish) => wish.key),
      );
      wishes.forEach((wish, index) => {
        wish.resolve(values[index] as V);
      });
    } catch (error) {
      for (const wish of wishes) wish.reject(error);
    } finally {
      this.#under -= 1;
      if (this.#wishes.size > 0) this.#schedule();
    }
  }
}
