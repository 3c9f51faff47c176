interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly width: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const GAP = 6; // pixels between words and what is shown beside them
const MARGIN = 8; // pixels to the edges of the window

/**
 * Where a popover goes, in the window: below some words, or above where there is no room below.
 *
 * @param lines - the boxes of the words, one for each line they are on.
 * @param popover - how large it is.
 * @param room - how large the window is.
 */
export function besideWords(lines: readonly [Box, ...Box[]], popover: Size, room: Size): { top: number; left: number } {
  const [first, last] = [lines[0], lines.at(-1) ?? lines[0]];
  const isBelow = last.bottom + GAP + popover.height < room.height || last.top < popover.height + GAP;
  const middle = last.left + last.width / 2 - popover.width / 2;
  return {
    top: isBelow ? last.bottom + GAP : first.top - GAP - popover.height,
    left: Math.max(MARGIN, Math.min(middle, room.width - popover.width - MARGIN)),
  };
}
