/** Node 22 has `Symbol.asyncDispose`, and no stack of what is to be disposed of. This is as much of one as the local system uses. */
type Release = () => unknown;

function stackOf(releases: Release[]): Pick<AsyncDisposableStack, 'defer' | 'move' | 'disposeAsync'> & AsyncDisposable {
  const disposeAsync = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (let release = releases.pop(); release; release = releases.pop())
      try {
        await release();
      } catch (error) {
        errors.push(error);
      }
    if (errors.length > 0) throw errors[0];
  };
  return {
    defer: (release) => void releases.push(release),
    move: () => stackOf(releases.splice(0)) as AsyncDisposableStack,
    ...{ disposeAsync, [Symbol.asyncDispose]: disposeAsync },
  };
}

globalThis.AsyncDisposableStack ??= function Stack() {
  return stackOf([]);
} as unknown as AsyncDisposableStackConstructor;
