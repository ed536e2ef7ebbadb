import { createApp } from 'vue';

import '../styles/tokens.css';
import '../styles/base.css';

import ArchiveRoot from './ArchiveRoot.vue';
import { followLocale, i18n } from '../live/i18n';
import { followInput } from '../live/keyboard';

followInput(document.documentElement);
followLocale();

createApp(ArchiveRoot).use(i18n).mount('#app');
