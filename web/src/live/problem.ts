// Which problem of the devices or the browser comes first. Pure.

import type { BrowserFault, CaptureFault } from '../client/devices';
import type { Source } from '../client/wire';

export type Problem = { name: BrowserFault } | { source: Source | 'both'; fault: CaptureFault };

export function firstProblem(
  browser: BrowserFault | null,
  faults: Record<Source, CaptureFault | null>,
  waived: Record<Source, boolean>,
): Problem | null {
  if (browser) return { name: browser };
  const camera = waived.camera ? null : faults.camera;
  const microphone = waived.microphone ? null : faults.microphone;
  // One refusal usually is one answer to one question.
  if (camera === 'denied' && microphone === 'denied') return { source: 'both', fault: 'denied' };
  if (camera) return { source: 'camera', fault: camera };
  return microphone ? { source: 'microphone', fault: microphone } : null;
}
