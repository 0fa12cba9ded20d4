import CognitoTriggers

/// How a user comes into the pool.
public enum ImportWay: Sendable, Hashable {
  /// By a file, with the hash; without an algorithm the user must choose a new password.
  case file(ImportAlgorithm?)
  /// By signing in: the migration trigger verifies the hash.
  case trigger
  /// The password cannot be brought along.
  case reset
}

/// What can be done with a user's hash.
public struct HashVerdict: Sendable, Hashable {
  /// As people call it, with nothing of the hash itself.
  public var format: String
  public var way: ImportWay
  /// Why not by a file; nil where it is by one.
  public var why: String?
  /// In Cognito's form, for a file.
  var hash: String?

  init(_ format: String, _ way: ImportWay, why: String? = nil, hash: String? = nil) {
    self.format = format
    self.way = way
    self.why = why
    self.hash = hash
  }
}

/// Decides for each user how they come into the pool, and makes the lines of files.
public struct ImportPlan: Sendable {
  public let columns: ImportColumns
  private let judge: @Sendable (String) -> HashVerdict
  private let verified: Set<ContactAttribute>
  private let includesResets: Bool

  /// - Parameters:
  ///   - verified: what the pool verifies.
  ///   - includesResets: whether users whose password cannot be brought along are imported, and must choose another.
  ///   - judge: what can be done with a hash.
  init(
    columns: ImportColumns, verified: Set<ContactAttribute>, includesResets: Bool,
    judge: @escaping @Sendable (String) -> HashVerdict
  ) {
    self.columns = columns
    self.verified = verified
    self.includesResets = includesResets
    self.judge = judge
  }

  /// What becomes of a user.
  public struct Decision: Sendable, Equatable {
    /// Why, as far as it can be counted together with others'.
    public var verdict: HashVerdict
    /// Of the file, without its end; nil where the user is in none.
    public var line: String?
  }

  /// - Parameter values: of the source's columns.
  /// - Throws: where the user would be in a file that cannot hold a value of theirs.
  public func decide(_ values: [String?]) throws(UnwritableValue) -> Decision {
    var verdict =
      columns.passwordHash(of: values).map(judge)
      ?? HashVerdict("none", .reset, why: "there is no hash")
    if verdict.way == .reset, includesResets { verdict.way = .file(nil) }
    guard case .file(let algorithm) = verdict.way else {
      return Decision(verdict: verdict, line: nil)
    }
    guard try columns.isReachable(values, by: verified) else {
      return Decision(
        verdict: HashVerdict(
          verdict.format, algorithm == nil ? .reset : .trigger,
          why: unreachable), line: nil)
    }
    let line = try columns.line(of: values, hash: algorithm == nil ? nil : verdict.hash)
    verdict.hash = nil
    return Decision(verdict: verdict, line: line)
  }
}

extension ImportPlan {
  private var unreachable: String {
    switch verified {
    case [.email]: "there is no verified e-mail address, which the pool asks for"
    case [.phoneNumber]: "there is no verified phone number, which the pool asks for"
    default: "neither e-mail address nor phone number is verified"
    }
  }
}

/// How many users come into the pool in which way.
public struct ImportCounts: Sendable {
  private var counts: [HashVerdict: Int] = [:]
  /// Users who are there, or have been.
  public var present = 0
  /// Users who should be in a file that cannot hold them.
  public var unwritable = 0

  /// Nobody yet.
  public init() {}

  /// - Parameter verdict: of a decision.
  public mutating func count(_ verdict: HashVerdict) {
    var verdict = verdict
    verdict.hash = nil
    counts[verdict, default: 0] += 1
  }

  /// Everybody.
  public var users: Int { counts.values.reduce(0, +) + present + unwritable }

  /// Users who are in a file.
  public var inFiles: Int { sum { if case .file = $0 { true } else { false } } }
  public var byTrigger: Int { sum { $0 == .trigger } }
  public var byReset: Int { sum { $0 == .reset } }

  private func sum(_ isCounted: (ImportWay) -> Bool) -> Int {
    counts.reduce(0) { isCounted($1.key.way) ? $0 + $1.value : $0 }
  }

  /// One for each format, way and reason: those in files first, and then the most frequent.
  public var rows: [(verdict: HashVerdict, users: Int)] {
    counts.map { (verdict: $0.key, users: $0.value) }.sorted { first, second in
      let order = (rank(first.verdict.way), rank(second.verdict.way))
      if order.0 != order.1 { return order.0 < order.1 }
      if first.users != second.users { return first.users > second.users }
      return (first.verdict.format, first.verdict.why ?? "")
        < (second.verdict.format, second.verdict.why ?? "")
    }
  }

  private func rank(_ way: ImportWay) -> Int {
    switch way {
    case .file: 0
    case .trigger: 1
    case .reset: 2
    }
  }
}
