import AppSync
import Clock
import LambdaRuntime
import Postgres
import UserTable

/// Answers AppSync's requests for fields: by functions in the database, which know who is asking.
struct ResolveFields {
  let store: UserStore
  /// Says which pools are served.
  let configuration: Configuration

  /// All of a batch in one round trip.
  ///
  /// - Returns: the value of the field, or an error; of a batch an answer for each field.
  func perform(_ requests: FieldRequests, until deadline: Deadline) -> ActionResult {
    let all = requests.all
    let calls = all.map(call)
    let known = calls.compactMap { try? $0.get() }
    var statements = StatementSeries(store: store, deadline: deadline)
    let outcomes: [ResolveCall.Outcome]
    do {
      outcomes = known.isEmpty ? [] : try statements.answer(to: ResolveCall(known))
    } catch {
      return ActionResult(error, times: statements.times)
    }
    var remaining = outcomes[...]
    let answers = calls.map { call in
      switch call {
      case .success: remaining.popFirst().map(Self.answer) ?? .failure(.internalError)
      case .failure(let failure): FieldAnswer.failure(failure)
      }
    }
    var report = ActionReport(outcome: .resolved, times: statements.times)
    report.resolved = ResolvedFields(requests, outcomes)
    report.problem =
      report.resolved?.problem
      ?? (calls.contains(.failure(.foreignPool)) ? Configuration.poolNotServed : nil)
    return ActionResult(Self.answer(to: requests, answers), report)
  }

  /// - Returns: what to ask the database; a failure where it is not asked.
  private func call(_ request: FieldRequest?) -> Result<ResolveCall.Request, FieldFailure> {
    guard let request else { return .failure(.tooDeep) }
    guard let claims = request.claims else { return .failure(.nobody) }
    guard configuration.serves(request.userPoolID) else { return .failure(.foreignPool) }
    return .success(
      ResolveCall.Request(
        parentType: request.parentType, field: request.field, arguments: request.arguments,
        source: request.source, claims: claims))
  }

  private static func answer(_ outcome: ResolveCall.Outcome) -> FieldAnswer {
    switch outcome {
    case .value(let text): .value(text)
    case .error(let state, let message):
      .failure(FieldFailure(sqlState: state, message: message))
    }
  }

  private static func answer(
    to requests: FieldRequests, _ answers: [FieldAnswer]
  ) -> InvocationAnswer {
    switch (requests, answers.first) {
    case (.one, .value(let text)?): .replaced(Array(text.utf8))
    case (.one, .failure(let failure)?): .failure(InvocationFailure(failure))
    case (.batch, _), (.one, nil): .replaced(FieldAnswer.batch(answers))
    }
  }
}

/// What is told of the fields of one invocation. A field's name is the schema's, and nobody's secret.
struct ResolvedFields: Sendable, Equatable {
  /// As `Query.me`.
  let field: String?
  let count: Int
  /// Those that the client is told nothing of but that there are some; each once, in their order.
  let states: [String]

  init(_ requests: FieldRequests, _ outcomes: [ResolveCall.Outcome]) {
    field = requests.field
    count = requests.all.count
    var states: [String] = []
    for case .error(let state, nil) in outcomes where !states.contains(state) {
      states.append(state)
    }
    self.states = states
  }

  /// For an operator; nil where all went as the functions meant it.
  var problem: String? {
    states.isEmpty
      ? nil : "a function of the schema api failed, SQLSTATE \(states.joined(separator: ", "))"
  }
}

extension InvocationFailure {
  static let fieldsNotResolved = InvocationFailure(
    .internalError, type: "Function.FieldsNotResolved")

  fileprivate init(_ failure: FieldFailure) {
    let type: StaticString =
      switch failure.kind {
      case .unauthorized: "Function.Unauthorized"
      case .forbidden: "Function.Forbidden"
      case .notFound: "Function.NotFound"
      case .badRequest: "Function.BadRequest"
      case .internalError: "Function.InternalError"
      }
    self.init(failure, type: type)
  }

  private init(_ failure: FieldFailure, type: StaticString) {
    self.init(
      type: type, message: UserMessage(raised: failure.message), toldAs: failure.kind.rawValue)
  }
}
