/// A fault of the Runtime API, played once in an invocation.
public enum RuntimeFault: Sendable, Equatable {
  /// `next` is answered with this status and no event.
  case nextStatus(Int)
  /// The connection is closed instead of answering `next`; the `next` after it gets the event.
  case closeOnNext
  /// The connection is closed after half of the event; the `next` after it gets all of it.
  case closeInTheMiddleOfTheEvent
  /// The event comes in pieces, with this pause after each.
  case slowEvent(pieces: Int, pause: Duration)
  /// `100 Continue` comes before the answer to `next`.
  case continueBeforeTheEvent
  /// The function's answer is taken, and acknowledged with this status.
  case answerStatus(Int)
  /// The connection is closed when the answer comes, which must then come again.
  case closeOnAnswer
  /// As `closeOnAnswer`, but the answer has been taken: its repetition is refused with 403.
  case closeAfterTakingAnswer
}
