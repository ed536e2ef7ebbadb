import { createApp } from 'vue';

import '../styles/tokens.css';
import '../styles/base.css';

import { followLocale, i18n } from '../live/i18n';
import { followInput } from '../live/keyboard';
import CompanionRoot from './CompanionRoot.vue';

followInput(document.documentElement);
followLocale();
createApp(CompanionRoot).use(i18n).mount('#app');
