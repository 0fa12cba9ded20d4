import CognitoAPI
import JSON
import Postgres
import TriggerFunction
import UserTable

/// What became of a pair.
struct LinkedPair {
  enum State {
    /// Only looked at: it could be linked.
    case linkable
    case linked(MergeResult)
    case doubt(LinkDoubt)
    /// - step: what could not be done; all before it is.
    case failed(step: Step, String)
  }

  /// What is done about a pair, in order.
  enum Step: String {
    case look, delete, link, merge
  }

  let pair: LinkPair
  var state = State.linkable
  /// Nil where no provider was recognised.
  var provider: String?
  /// Whether the federated user is in Cognito, or was before the command.
  var isFederatedThere = false
  /// Whether the command has deleted that user.
  var isDeleted = false

  init(_ pair: LinkPair) {
    self.pair = pair
  }

  /// Whether what stood in the way may do so for everybody: nobody else is deleted then.
  private(set) var stopsTheRun = false

  /// Whether nothing is left that was asked for.
  var isComplete: Bool {
    switch state {
    case .linkable: true
    case .linked(let merge): merge.problems.isEmpty
    case .doubt, .failed: false
    }
  }

  mutating func fail(_ failure: LinkFailure, in step: Step) {
    switch failure {
    case .doubt(let doubt, _):
      state =
        step == .look
        ? .doubt(doubt) : .failed(step: step, "\(doubt.rawValue): \(doubt.meaning)")
    case .cognito(let error, _):
      state = .failed(step: step, error.description)
      // Permissions, keys, the endpoint.
      stopsTheRun = !error.isPermanent && !error.isTransient
    }
    if isDeleted { stopsTheRun = true }
  }

  /// In the last step.
  mutating func fail(_ error: PostgresError) {
    state = .failed(step: .merge, error.description(withRemedies: \.remedyForOwner))
    stopsTheRun = true
  }

  private var federated: String { pair.federatedID }
  private var native: String { pair.nativeID }

  private var mergeHint: String { "  what is left: pooltable merge \(federated) \(native)" }

  var lines: [String] {
    let provider = provider.map { " (\($0))" } ?? ""
    let start = "\(federated)\(provider) and \(native): "
    switch state {
    case .linkable:
      return [
        start + "could be linked"
          + (isFederatedThere ? "; the federated user would be deleted, by --delete-federated" : "")
      ]
    case .linked(let merge):
      let count = merge.moved.reduce(0) { $0 + $1.rows }
      let first =
        start + "linked" + (isDeleted ? ", the federated user deleted" : "")
        + (merge.problems.isEmpty ? ", \(count.counted("row")) moved" : ", NOT merged")
      return [first]
        + merge.problems.map { "  in the way: " + $0.text(old: federated, new: native) }
        + (merge.problems.isEmpty
          ? [] : [mergeHint])
    case .doubt(let doubt):
      return [start + "not linked, \(doubt.rawValue): \(doubt.meaning)"]
        + (doubt == .alreadyLinked && !isFederatedThere ? [mergeHint] : [])
    case .failed(let step, let problem):
      let undone =
        switch step {
        case .delete: "not deleted: "
        case .merge: "linked, NOT merged: "
        case .link where isDeleted: "the federated user is deleted and NOT linked, run it again: "
        case .look, .link: "not linked: "
        }
      return [start + undone + problem] + (step == .merge ? [mergeHint] : [])
    }
  }
}

/// What became of all pairs.
struct LinkRun {
  var isDryRun: Bool
  var pairs: [LinkedPair] = []
  /// Who was named, and is in no pair.
  var unknown: [UserReference] = []
  /// Whether not all pairs were looked at.
  var hasStopped = false

  /// Whether nothing is left; a dry run only has to have looked.
  var isComplete: Bool {
    unknown.isEmpty && !hasStopped
      && pairs.allSatisfy { pair in
        if isDryRun, case .doubt = pair.state { return true }
        return pair.isComplete
      }
  }

  private func count(_ isCounted: (LinkedPair.State) -> Bool) -> Int {
    pairs.filter { isCounted($0.state) }.count
  }

  private var linked: Int { count { if case .linked = $0 { true } else { false } } }
  private var linkable: Int { count { if case .linkable = $0 { true } else { false } } }
  private var doubted: Int { count { if case .doubt = $0 { true } else { false } } }
  private var failed: Int { count { if case .failed = $0 { true } else { false } } }

  var line: String {
    "\(pairs.count.counted("pair")): "
      + (isDryRun ? "\(linkable.grouped) could be linked" : "\(linked.grouped) linked")
      + ", \(doubted.grouped) not, \(failed.grouped) failed"
      + (hasStopped ? "; stopped: run it again for the others" : "")
  }
}

// MARK: JSON

extension LinkRun: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("complete", isComplete)
      json.member("doubted", doubted)
      json.member("dryRun", isDryRun)
      json.member("failed", failed)
      json.member("linkable", isDryRun ? linkable : nil)
      json.member("linked", linked)
      json.member("pairs", pairs)
      json.member("unknown", unknown.map(\.description))
    }
  }
}

extension LinkedPair: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("deleted", isDeleted)
      if case .doubt(let doubt) = state { json.member("doubt", doubt.rawValue) }
      json.member("federated", federated)
      if case .linked(let merge) = state {
        json.member("merged", merge.problems.isEmpty)
        json.member("moved", merge.moved)
      }
      json.member("native", native)
      if case .failed(_, let problem) = state { json.member("problem", problem) }
      if case .linked(let merge) = state { json.member("problems", merge.problems) }
      json.member("provider", provider)
      json.member("result", resultName)
      if case .failed(let step, _) = state { json.member("step", step.rawValue) }
    }
  }

  private var resultName: String {
    switch state {
    case .linkable: "linkable"
    case .linked: "linked"
    case .doubt: "doubted"
    case .failed: "failed"
    }
  }
}
