import JSON
import UserTable

/// How many users a run has met, by what became of them; part of its record.
public struct Counts: Sendable, Equatable {
  /// In the listing, whatever became of them.
  public var listed = 0
  /// Not in the table before.
  public var inserted = 0
  /// Of those inserted: who may have signed in before.
  public var signInsWithoutRow = 0
  /// Different in the table, and changed.
  public var updated = 0
  /// As the listing has them, but for Cognito's time of the last change.
  public var dated = 0
  /// Different, but the table holds something newer than the listing.
  public var stale = 0
  /// Not read, or without a sub.
  public var skipped = 0
  /// Not taken by PostgreSQL.
  public var refused = 0
  /// Marked as deleted.
  public var deleted = 0
  /// Not listed, but still there when Cognito was asked.
  public var kept = 0
  /// Recorded as seen, each once.
  var sightings = 0

  /// Of nobody.
  public init() {}

  /// What is left of `listed`, a user that was there twice included.
  public var unchanged: Int {
    max(0, listed - inserted - updated - dated - stale - skipped - refused)
  }

  private static let members: [(JSONKey, WritableKeyPath<Counts, Int> & Sendable)] = [
    ("listed", \.listed), ("inserted", \.inserted), ("updated", \.updated), ("dated", \.dated),
    ("stale", \.stale), ("skipped", \.skipped), ("refused", \.refused), ("deleted", \.deleted),
    ("kept", \.kept), ("sightings", \.sightings), ("signInsWithoutRow", \.signInsWithoutRow),
  ]

  /// - Parameter json: as a run's record has it; what is missing counts as 0.
  public init(json: String) {
    guard let members = (try? JSONValue(parsing: Array(json.utf8)))?.object else { return }
    for (name, path) in Self.members {
      if case .number(let number)? = members[name], let count = Int(number.text), count >= 0 {
        self[keyPath: path] = count
      }
    }
  }

  var json: String {
    JSONValue.object(
      Dictionary(
        uniqueKeysWithValues: Self.members.map { name, path in
          (name, .number(JSONNumber(self[keyPath: path])))
        })
    ).jsonText
  }

  mutating func add(_ result: BatchResult) {
    for difference in result.differences {
      switch difference.outcome {
      case .inserted:
        inserted += 1
        if difference.mayHaveSignedIn { signInsWithoutRow += 1 }
      case .updated: updated += 1
      case .dated: dated += 1
      case .stale: stale += 1
      case .rival: break
      }
    }
    refused += result.refused.count
  }
}
