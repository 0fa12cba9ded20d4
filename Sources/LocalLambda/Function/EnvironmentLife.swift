/// The life of an execution environment, one process with its Runtime API: what is to be done when something
/// happens to it. No sockets, no process, no time.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
struct EnvironmentLife: Equatable {
  enum Phase: Equatable {
    /// The process was started for an invocation, and has not asked for it yet.
    case starting
    /// It waits for an event.
    case idle
    /// It has an event.
    case running
    /// It has answered. Only asking for the next event ends the invocation.
    case answered
    case gone
  }

  enum Event: Equatable, CaseIterable {
    /// The runtime asks for an event.
    case asked
    /// There is an invocation for it.
    case invoked
    case answered
    /// It says that it cannot start.
    case initializationFailed
    /// The process is gone.
    case exited
    /// The time of the invocation is over.
    case timedOut
    /// Its program is not the one on the disk any more.
    case replaced
    /// No further invocation will come.
    case stopped
  }

  enum Effect: Equatable {
    /// Send the event.
    case handOut
    /// Tell the caller what the runtime said.
    case answer
    /// Tell the caller that there is no answer.
    case fail
    /// The invocation is over.
    case finish
    /// Ask the process to end; it has nothing in hand.
    case end
    /// End it at once.
    case kill
  }

  private(set) var phase = Phase.starting
  /// Whether it ends instead of taking another invocation.
  private(set) var isLeaving = false

  /// Whether it has an invocation.
  var isBusy: Bool { phase == .starting || phase == .running || phase == .answered }

  mutating func take(_ event: Event) -> [Effect] {
    switch (phase, event) {
    case (.gone, _): return []
    case (.idle, .invoked), (.starting, .asked), (.running, .asked):
      phase = .running
      return [.handOut]
    case (.idle, .asked): return []
    case (.answered, .asked):
      phase = isLeaving ? .gone : .idle
      return isLeaving ? [.finish, .end] : [.finish]
    case (.running, .answered):
      phase = .answered
      return [.answer]
    case (.starting, .initializationFailed):
      phase = .gone
      return [.answer, .finish, .end]
    case (.idle, .exited):
      phase = .gone
      return []
    case (.answered, .exited):
      phase = .gone
      return [.finish]
    case (_, .exited):
      phase = .gone
      return [.fail, .finish]
    case (.starting, .timedOut), (.running, .timedOut):
      phase = .gone
      return [.fail, .finish, .kill]
    case (.answered, .timedOut):
      phase = .gone
      return [.finish, .kill]
    case (.idle, .replaced), (.idle, .stopped):
      phase = .gone
      return [.end]
    case (_, .replaced), (_, .stopped):
      isLeaving = true
      return []
    case (.starting, .answered), (.idle, .answered), (.answered, .answered), (_, .invoked),
      (_, .initializationFailed), (.idle, .timedOut):
      return []
    }
  }
}

/// Where an invocation goes.
enum Placement: Equatable {
  /// To this environment, which is idle.
  case environment(Int)
  /// To a new one.
  case new
  /// An environment has answered and is about to be free: it waits for that.
  case soon
  /// There are as many as there may be.
  case throttled

  /// - Parameters:
  ///   - waiting: how many invocations wait already.
  ///   - limit: of environments.
  init(among environments: [EnvironmentLife], waiting: Int, limit: Int) {
    let answered = environments.count { $0.phase == .answered }
    if waiting == 0,
      let idle = environments.firstIndex(where: { $0.phase == .idle && !$0.isLeaving })
    {
      self = .environment(idle)
    } else if environments.count(where: { $0.phase != .gone }) < limit {
      self = .new
    } else {
      self = waiting < answered ? .soon : .throttled
    }
  }
}
