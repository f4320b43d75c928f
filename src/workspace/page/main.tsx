import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './components/App.tsx';
import './style/tokens.css';
import './style/layout.css';
import './style/messages.css';
import './style/composer.css';
import './style/blocks.css';
import './style/forms.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
