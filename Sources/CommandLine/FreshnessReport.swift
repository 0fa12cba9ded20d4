import Clock
import JSON
import Reconciliation
import UserTable

/// How long ago something was.
struct Age: CustomStringConvertible {
  /// Never negative.
  let duration: Duration

  init(_ duration: Duration) {
    self.duration = max(.zero, duration)
  }

  init(of time: Timestamp, at now: Timestamp) {
    self.init(time.duration(to: now))
  }

  /// In the largest unit of which there are two, or in minutes or seconds: `90 min`, `3 h`, `2 d`.
  var words: String {
    let seconds = Int(duration.components.seconds)
    return switch seconds {
    case ..<60: "\(seconds) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\((seconds / 86_400).grouped) d"
    }
  }

  var description: String { "\(words) ago" }
}

/// What `pooltable status` answers: what there is, and what of it is too old.
struct FreshnessReport {
  struct Pool {
    var freshness: PoolFreshness
    var now: Timestamp
    var problems: [String]
  }

  let askedAt: Timestamp
  let pools: [Pool]
  /// Why there is nothing to judge.
  let problem: String?

  init(_ freshness: Freshness, _ limits: FreshnessLimits) {
    let now = freshness.askedAt
    askedAt = now
    pools = freshness.pools.map {
      Pool(freshness: $0, now: now, problems: limits.problems(of: $0, at: now))
    }
    problem =
      freshness.pools.isEmpty && limits.areAny
      ? "the table knows of no user pool yet: run 'pooltable reconcile'" : nil
  }

  var isFresh: Bool { problem == nil && pools.allSatisfy(\.problems.isEmpty) }

  /// Each with its pool.
  var problems: [String] {
    [problem].compactMap(\.self)
      + pools.flatMap { pool in pool.problems.map { "\(pool.freshness.userPoolID): \($0)" } }
  }

  var lines: [String] {
    if pools.isEmpty { return ["no user pools"] }
    return Array(pools.map(\.lines).joined(separator: [""]))
  }
}

extension FreshnessReport.Pool {
  private var counts: Counts? { freshness.reconciliation.map { Counts(json: $0.counts) } }

  fileprivate var lines: [String] {
    var rows = [
      row("last write", freshness.lastWrittenAt),
      row("last sign-in", freshness.lastSignInAt),
      row("last reconciliation", freshness.reconciliation?.finishedAt, counts?.inWords()),
    ]
    if let attempt = freshness.attempt {
      rows.append(row("  \(attempt.state.rawValue), begun", attempt.startedAt))
    }
    rows.append(["sign-ins without a row", counts?.signInsWithoutRow.grouped ?? "-"])
    let outbox = freshness.outbox.status
    rows.append(
      row(
        "oldest change to push", freshness.outbox.oldestAt,
        leftInWords(outbox.waiting, outbox.retrying, outbox.keptBackCount), never: "-"))
    // Names, ages and times below each other; what is said beside them may be long.
    let widths = (0..<3).map { column in
      rows.map { $0.dropFirst(column).first?.count ?? 0 }.max() ?? 0
    }
    return [freshness.userPoolID]
      + rows.map { row in
        var line = " "
        for (column, text) in row.enumerated() {
          let width = column < row.count - 1 ? widths.dropFirst(column).first ?? 0 : 0
          line += " " + text + String(repeating: " ", count: max(0, width - text.count) + 1)
        }
        while line.last == " " { line.removeLast() }
        return line
      }
  }

  private func row(
    _ name: String, _ time: Timestamp?, _ more: String? = nil, never: String = "never"
  ) -> [String] {
    [name, time.map { "\(Age(of: $0, at: now))" } ?? never, time?.inSeconds ?? ""]
      + [more].compactMap(\.self)
  }
}

extension Timestamp {
  /// RFC 3339 in UTC without a fraction.
  fileprivate var inSeconds: String {
    let (day, rest) = (rfc3339.prefix { $0 != "." }, rfc3339.drop { $0 != "Z" })
    return String(day + rest)
  }
}

// MARK: JSON

extension FreshnessReport: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("askedAt", askedAt.rfc3339)
      json.member("fresh", isFresh)
      json.member("pools", pools)
      json.member("problem", problem)
    }
  }
}

extension FreshnessReport.Pool: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member(
        "attempt",
        freshness.attempt.map { Moment($0.startedAt, now: now, state: $0.state.rawValue) })
      json.member("lastSignIn", freshness.lastSignInAt.map { Moment($0, now: now) })
      json.member("lastWrite", freshness.lastWrittenAt.map { Moment($0, now: now) })
      json.member("outbox", Outbox(outbox: freshness.outbox, now: now))
      json.member("problems", problems)
      json.member(
        "reconciliation",
        freshness.reconciliation.map {
          Moment($0.finishedAt, now: now, counts: Counts(json: $0.counts))
        })
      json.member("userPoolID", freshness.userPoolID)
    }
  }

  /// A time with its age in seconds, and what goes with it.
  private struct Moment: JSONWritable {
    let time: Timestamp
    let age: Age
    let state: String?
    let counts: Counts?

    init(_ time: Timestamp, now: Timestamp, state: String? = nil, counts: Counts? = nil) {
      self.time = time
      age = Age(of: time, at: now)
      self.state = state
      self.counts = counts
    }

    func write(to json: inout JSONWriter) {
      json.object { json in
        json.member("age", age)
        json.member("at", time.rfc3339)
        json.member("dated", counts?.dated)
        json.member("deleted", counts?.deleted)
        json.member("inserted", counts?.inserted)
        json.member("kept", counts?.kept)
        json.member("listed", counts?.listed)
        json.member("refused", counts?.refused)
        json.member("signInsWithoutRow", counts?.signInsWithoutRow)
        json.member("skipped", counts?.skipped)
        json.member("stale", counts?.stale)
        json.member("state", state)
        json.member("unchanged", counts?.unchanged)
        json.member("updated", counts?.updated)
      }
    }
  }

  private struct Outbox: JSONWritable {
    let outbox: PoolFreshness.Outbox
    let now: Timestamp

    func write(to json: inout JSONWriter) {
      json.object { json in
        json.member("keptBack", outbox.status.keptBackCount)
        json.member("oldest", outbox.oldestAt.map { Moment($0, now: now) })
        json.member("retrying", outbox.status.retrying)
        json.member("waiting", outbox.status.waiting)
      }
    }
  }
}

extension Age: JSONWritable {
  func write(to json: inout JSONWriter) {
    JSONNumber(toThousandth: duration.milliseconds / 1000).write(to: &json)
  }
}
