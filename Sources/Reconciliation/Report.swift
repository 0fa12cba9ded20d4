import Postgres

/// What a run came to.
public struct Report: Sendable, Equatable {
  public enum Ending: Sendable, Equatable {
    /// The whole listing is dealt with.
    case complete
    /// The listing broke off; what it held is dealt with.
    case cutShort(String)
    /// The user asked for the end, perhaps while something that had failed was waited for; the run can be
    /// resumed.
    case interrupted(while: String? = nil)
    /// Something would not pass by itself; the run can be resumed, where there was a beginning.
    case failed(String)
  }

  /// In one word, with its exit code.
  public enum Verdict: String, Sendable, CaseIterable {
    case inStep = "in step"
    case changed
    case differencesLeft = "differences left"
    case failed

    public var exitCode: Int32 {
      switch self {
      case .inStep: 0
      case .failed: 1
      case .changed: 2
      case .differencesLeft: 3
      }
    }
  }

  public var ending: Ending
  public var counts = Counts()
  public var isDryRun = false
  /// Why nobody was marked as deleted, though it was asked for.
  public var pruneRefusal: Pruning.Refusal?
  /// Whether the run can be resumed.
  public var isResumable = false

  public init(ending: Ending) {
    self.ending = ending
  }

  public var verdict: Verdict {
    switch ending {
    case .failed: return .failed
    case .interrupted: return .differencesLeft
    // A listing without anybody is no listing: of another pool, or of a call that failed.
    case _ where counts.listed == counts.skipped: return .failed
    case .cutShort: return .differencesLeft
    case .complete: break
    }
    let changes = counts.inserted + counts.updated + counts.deleted
    let left = counts.stale + counts.skipped + counts.refused + (isDryRun ? changes : 0)
    if left > 0 || pruneRefusal != nil { return .differencesLeft }
    return changes > 0 ? .changed : .inStep
  }
}

/// Why a run ended before its end.
public enum ReconciliationError: Error, Sendable, Equatable {
  case database(PostgresError)
  case listing(ListingError)
  /// Another run for the same pool holds the lock.
  case alreadyRunning
}

extension ReconciliationError: CustomStringConvertible {
  public var description: String { description(withRemedies: { _ in nil }) }

  /// - Parameter remedy: what can be done about an SQLSTATE; nil where nothing is to be said.
  public func description(withRemedies remedy: (SQLState) -> String?) -> String {
    switch self {
    case .database(let error): "the database: \(error.description(withRemedies: remedy))"
    case .listing(let error): error.description
    case .alreadyRunning:
      "another 'pooltable reconcile' is at work on this user pool: wait for its end"
    }
  }
}
