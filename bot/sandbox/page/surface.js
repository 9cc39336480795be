/** A surface is what blocks are drawn on: a message, a modal view or the Home tab. */

import { valuesOf } from "./values.js";

export class Surface {
  /**
   * `id` names the surface over redraws, `where` is its address on the wire, `blocks` and `kept`
   * (state.values) are what the workspace has now; `errors` is {block_id: sentence}.
   */
  constructor(world, { id, where, blocks, kept = {}, errors = {}, onTouch = () => {} }) {
    Object.assign(this, { world, id, where, blocks, errors, onTouch });
    this.values = valuesOf(`${world.you}/${id}`); // two people may look at one message
    this.values.meet(blocks, kept);
  }

  /** The name a control keeps over redraws. */
  key(block, element) {
    return `${this.id}/${block.block_id}/${element.action_id}`;
  }

  /** A value of that block has changed on this page. */
  touched(block) {
    this.onTouch(block.block_id);
  }

  /** Tell the app that the person used this element. */
  act(block, element, value) {
    return this.world.act("action", {
      where: this.where,
      block_id: block.block_id,
      action_id: element.action_id,
      value,
      state: this.values.all(),
    });
  }

  /** Ask the app for options. */
  suggest(block, element, query) {
    return this.world.askQuietly("suggest", {
      where: this.where,
      block_id: block.block_id,
      action_id: element.action_id,
      query,
    });
  }
}
