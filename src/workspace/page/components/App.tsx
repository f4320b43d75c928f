import { useRoute } from '../state/route.ts';
import { Workspace } from './Workspace.tsx';

/** The page. Another person starts from nothing, so that nobody sees what was meant for somebody else. */
export function App() {
  const [route, go] = useRoute();
  return <Workspace key={route.person} route={route} go={go} />;
}
