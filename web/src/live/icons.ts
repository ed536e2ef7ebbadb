// The one set of signs: drawn for this product on a 24 px grid, stroke 1.75. `fill` parts are solid.

export interface Sign {
  stroke?: string;
  fill?: string;
}

export const icons = {
  microphone: { stroke: 'M12 3.5a2.8 2.8 0 0 1 2.8 2.8v5.2a2.8 2.8 0 0 1-5.6 0V6.3A2.8 2.8 0 0 1 12 3.5ZM5.8 11.2a6.2 6.2 0 0 0 12.4 0M12 17.4v3.1M9 20.5h6' },
  'microphone-off': { stroke: 'M14.8 11.6V6.3a2.8 2.8 0 0 0-5.5-.8M9.2 9.2v2.3a2.8 2.8 0 0 0 4.1 2.5M5.8 11.2a6.2 6.2 0 0 0 9.6 5.2M17.6 13.9c.4-.8.6-1.7.6-2.7M12 17.4v3.1M9 20.5h6M4 3.8l16 16.4' },
  camera: { stroke: 'M4.6 6.5h9.3a1.6 1.6 0 0 1 1.6 1.6v7.8a1.6 1.6 0 0 1-1.6 1.6H4.6A1.6 1.6 0 0 1 3 15.9V8.1a1.6 1.6 0 0 1 1.6-1.6ZM15.5 10.6l4.2-2.5a.8.8 0 0 1 1.3.7v6.4a.8.8 0 0 1-1.3.7l-4.2-2.5' },
  'camera-off': { stroke: 'M9 6.5h4.9a1.6 1.6 0 0 1 1.6 1.6v4.3M15.5 15.7a1.6 1.6 0 0 1-1.6 1.8H4.6A1.6 1.6 0 0 1 3 15.9V8.1c0-.8.6-1.5 1.4-1.6M15.5 10.6l4.2-2.5a.8.8 0 0 1 1.3.7v6.4M4 3.8l16 16.4' },
  loudspeaker: { stroke: 'M4 9.5h3.2L11.5 6v12l-4.3-3.5H4ZM15 9.2a4 4 0 0 1 0 5.6M17.6 6.6a7.6 7.6 0 0 1 0 10.8' },
  record: { stroke: 'M12 3.8a8.2 8.2 0 1 1 0 16.4 8.2 8.2 0 0 1 0-16.4Z', fill: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z' },
  dot: { fill: 'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20Z' },
  ring: { stroke: 'M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14Z' },
  square: { stroke: 'M6.5 6.5h11v11h-11Z' },
  pause: { stroke: 'M9 5.5v13M15 5.5v13' },
  play: { stroke: 'M8 5.5v13l10-6.5Z' },
  stop: { stroke: 'M6.5 6.5h11v11h-11Z', fill: 'M9.5 9.5h5v5h-5Z' },
  leave: { stroke: 'M13.5 5.5V5A1.5 1.5 0 0 0 12 3.5H6A1.5 1.5 0 0 0 4.5 5v14A1.5 1.5 0 0 0 6 20.5h6a1.5 1.5 0 0 0 1.5-1.5v-.5M8.5 12H20M16.8 8.5l3.5 3.5-3.5 3.5' },
  people: { stroke: 'M8.5 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6ZM15.5 5.2a2.8 2.8 0 1 1 0 5.6M3.2 18.5c.3-3.2 2.3-5 5.3-5s5 1.8 5.3 5M15.5 13.5c3 0 5 1.8 5.3 5' },
  grid: { stroke: 'M4.5 4.5h6v6h-6ZM13.5 4.5h6v6h-6ZM4.5 13.5h6v6h-6ZM13.5 13.5h6v6h-6Z' },
  focus: { stroke: 'M4 5h11v14H4ZM18 5h2.5v4H18ZM18 10.5h2.5v3H18ZM18 15h2.5v4H18Z' },
  settings: { stroke: 'M4 7.5h8M17.5 7.5H20M4 16.5h2.5M12 16.5h8M14.8 5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5ZM9.2 14a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z' },
  check: { stroke: 'M4.5 12.5 9.5 17.5 19.5 7' },
  warning: { stroke: 'M12 4 21 19.5H3ZM12 10v4.5M12 16.9v.1' },
  info: { stroke: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 11v5.5M12 7.6v.1' },
  lock: { stroke: 'M6.5 11h11a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3' },
  refresh: { stroke: 'M19.5 11A7.6 7.6 0 0 0 5.7 8M4.5 13A7.6 7.6 0 0 0 18.3 16M5.3 4v4.2h4.2M18.7 20v-4.2h-4.2' },
  clock: { stroke: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 7.5V12l3 2' },
  scales: { stroke: 'M12 4v15M8 20h8M5.5 7 12 5.5 18.5 7M5.5 7 3 13.5h5ZM18.5 7 16 13.5h5ZM3 13.5a2.5 2.5 0 0 0 5 0M16 13.5a2.5 2.5 0 0 0 5 0' },
  broken: { stroke: 'M3 12h3.5l2-4.5 2.5 7M14 8.5l2 7 1.8-3.5H21' },
  storage: { stroke: 'M5 6.5c0-1.4 3.1-2.5 7-2.5s7 1.1 7 2.5-3.1 2.5-7 2.5-7-1.1-7-2.5ZM5 6.5v11C5 18.9 8.1 20 12 20s7-1.1 7-2.5v-11M5 12c0 1.4 3.1 2.5 7 2.5s7-1.1 7-2.5' },
  close: { stroke: 'M5.5 5.5l13 13M18.5 5.5l-13 13' },
  help: { stroke: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 16.6v.1' },
  left: { stroke: 'M14.5 5.5 8 12l6.5 6.5' },
  right: { stroke: 'M9.5 5.5 16 12l-6.5 6.5' },
  down: { stroke: 'M5.5 9 12 15.5 18.5 9' },
  devices: { stroke: 'M4 5.5h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1ZM9 20h6M12 16.5V20' },
} as const satisfies Record<string, Sign>;

export type IconName = keyof typeof icons;
