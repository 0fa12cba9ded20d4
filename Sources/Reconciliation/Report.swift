import Postgres

/// What a run came to.
public struct Report: Sendable, Equatable {
  /// How a run ended.
  public enum Ending: Sendable, Equatable {
    /// The whole listing is dealt with.
    case complete
    /// The listing broke off; what it held is dealt with.
    case cutShort(String)
    /// The user asked for the end; the run can be resumed. `while`: what had failed, where another attempt was being
    /// waited for.
    case interrupted(while: String? = nil)
    /// Something failed that does not pass by itself, or not soon enough; the run can be resumed if it had begun.
    case failed(String)
  }

  /// In one word, with its exit code.
  public enum Verdict: String, Sendable, CaseIterable {
    case inStep = "in step"
    case changed
    case differencesLeft = "differences left"
    case failed

    /// Of `pooltable reconcile`.
    public var exitCode: Int32 {
      switch self {
      case .inStep: 0
      case .failed: 1
      case .changed: 2
      case .differencesLeft: 3
      }
    }
  }

  /// How it ended.
  public var ending: Ending
  /// Whom it met; a resumed run's from its beginning.
  public var counts = Counts()
  /// Whether nothing was written.
  public var isDryRun = false
  /// Why nobody was marked as deleted, though it was asked for.
  public var pruneRefusal: Pruning.Refusal?
  /// Whether the run can be resumed.
  public var isResumable = false

  /// - Parameter ending: how the run ended, of which nothing else is known yet.
  public init(ending: Ending) {
    self.ending = ending
  }

  /// Whether a listing was read to its end, and held somebody.
  var isWhole: Bool { ending == .complete && verdict != .failed }

  /// What the run means for whoever started it.
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

/// Why a run did not come to its end.
public enum ReconciliationError: Error, Sendable, Equatable {
  /// The database refuses, or has been out of reach for too long.
  case database(PostgresError)
  /// The listing gives no more users.
  case listing(ListingError)
  /// Another run for the same pool holds the lock.
  case alreadyRunning
}

extension ReconciliationError: CustomStringConvertible {
  public var description: String { description(withRemedies: { _ in nil }) }

  /// What is wrong, in one line without personal data.
  ///
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
