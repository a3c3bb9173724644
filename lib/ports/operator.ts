/** What the operator says of the whole deployment. */

/** `reason`: for operators; users are told only that all is stopped. Null: none was given, or nothing is stopped. */
export type EmergencyStop = { stopped: boolean; reason: string | null };

export type Operator = {
  /** Of now. */
  emergencyStop(): Promise<EmergencyStop>;
  /**
   * Once stopped, nothing is claimed and nothing is hinted; what is under way ends its iteration. Nothing is lost: what is due moves within a minute after
   * the stop has ended. May be repeated; the last word counts.
   */
  setEmergencyStop(stop: EmergencyStop): Promise<void>;
};
