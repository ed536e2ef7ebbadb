import { createApp } from 'vue';

import '../styles/tokens.css';
import '../styles/base.css';

import AppRoot from './AppRoot.vue';
import { exposeState } from './expose';
import { followLocale, i18n } from './i18n';
import { followInput } from './keyboard';
import { createLive, provideLiveTo } from './live';

followInput(document.documentElement);
followLocale();

const live = createLive();
const app = createApp(AppRoot);
app.use(i18n);
provideLiveTo(app, live);
exposeState(live);
app.mount('#app');
