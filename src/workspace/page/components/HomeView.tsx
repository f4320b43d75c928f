import { useEffect, useMemo, useState } from 'react';
import { Blocks } from '../blockkit/Blocks.tsx';
import { type FormValues, formValues } from '../blockkit/selection.ts';
import { type Surface, SurfaceContext } from '../state/context.ts';
import { failure, type Shared } from './shared.ts';

/** The app's Home tab. Opening it tells the app, which may then publish it anew. */
export function HomeView({ api, state, onError }: Shared) {
  const view = state.home;
  const [entered, setEntered] = useState<FormValues>({});
  useEffect(() => {
    void api.home().then((done) => {
      if (!done.ok) onError(failure(done.error));
    });
  }, [api, onError]);

  const values = useMemo(() => (view === null ? {} : formValues(view.blocks, entered)), [view, entered]);
  const surface = useMemo<Surface>(
    () => ({
      press: async (press) => {
        if (view === null) return { ok: false };
        const done = await api.viewClick(view.id, press, values);
        if (!done.ok) onError(failure(done.error));
        return done;
      },
      values,
      change: (block, action, value) =>
        setEntered((before) => ({ ...before, [block]: { ...before[block], [action]: value } })),
    }),
    [api, view, values, onError],
  );

  return (
    <section className="home" aria-label="App Home">
      <header className="pane-head">
        <h2>{state.people.find((person) => person.bot)?.name ?? 'App'}</h2>
        <p className="topic">Home</p>
      </header>
      <div className="home-body" data-testid="home">
        {view === null ? (
          <p className="empty">The app has not published a Home tab for this person yet.</p>
        ) : (
          <SurfaceContext value={surface}>
            <Blocks blocks={view.blocks} />
          </SurfaceContext>
        )}
      </div>
    </section>
  );
}
