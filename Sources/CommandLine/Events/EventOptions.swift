import ArgumentParser
import CognitoTriggers
import JSON
import SampleEvents

/// Which user of which pool an event is of.
struct WhoseOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The user pool. (default: eu-central-1_ExaMPLe01)", valueName: "id"))
  var userPoolID: UserPoolID?

  @Option(
    help: ArgumentHelp(
      "Where the event is from. (default: the pool's region)", valueName: "region"))
  var region: String?

  @Option(help: ArgumentHelp("The app client.", valueName: "id"))
  var clientID: String?

  @Option(help: ArgumentHelp("Cognito's name for the user.", valueName: "name"))
  var username: String?

  @Option(help: ArgumentHelp("The user's sub, a UUID.", valueName: "uuid"))
  var sub: Sub?

  func set(_ options: inout SampleOptions) {
    options.userPoolID = userPoolID
    options.region = region
    options.clientID = clientID
    options.userName = username
    options.sub = sub
  }
}

/// What a trigger is told.
struct TriggerEventOptions: ParsableArguments {
  @Option(help: ArgumentHelp("An attribute of the user; may be repeated.", valueName: "name=value"))
  var attribute: [MemberArgument] = []

  @Option(
    help: ArgumentHelp(
      "The identity provider that the user comes through, as the pool names it.",
      valueName: "name"))
  var provider: String?

  @Option(
    help: ArgumentHelp("What the client has sent along; may be repeated.", valueName: "name=value"))
  var clientMetadata: [MemberArgument] = []

  @Option(
    help: ArgumentHelp(
      "What the client has sent to be checked; may be repeated.", valueName: "name=value"))
  var validationData: [MemberArgument] = []

  @Option(help: ArgumentHelp("The version of a token event, 1 to 3. (default: 1)", valueName: "n"))
  var tokenVersion: SampleOptions.TokenVersion?

  @Option(help: ArgumentHelp("A group of the user; may be repeated.", valueName: "name"))
  var group: [String] = []

  @Option(help: ArgumentHelp("A scope of the token; may be repeated.", valueName: "name"))
  var scope: [String] = []

  func set(_ options: inout SampleOptions) {
    options.attributes = attribute.map { ($0.name, $0.value) }
    options.provider = provider
    options.clientMetadata = clientMetadata.map { ($0.name, $0.value) }
    options.validationData = validationData.map { ($0.name, $0.value) }
    options.tokenVersion = tokenVersion
    options.groups = group
    options.scopes = scope
  }
}

/// What AppSync asks for.
struct FieldOptions: ParsableArguments {
  /// Source: AWS AppSync API reference, `CreateResolver`, `maxBatchSize`.
  private static let batchSizes = 1...2000

  @Option(help: ArgumentHelp("The field. (default: Query.me)", valueName: "type.name"))
  var field: SampleField?

  @Option(help: ArgumentHelp("An argument of the field; may be repeated.", valueName: "name=json"))
  var argument: [MemberArgument] = []

  @Option(
    help: ArgumentHelp(
      "A member of the object that the field is of; may be repeated.", valueName: "name=json"))
  var source: [MemberArgument] = []

  @Option(help: ArgumentHelp("A claim of the token; may be repeated.", valueName: "name=json"))
  var claim: [MemberArgument] = []

  @Option(help: ArgumentHelp("Ask for a batch of so many.", valueName: "n"))
  var batch: Int?

  func set(_ options: inout SampleOptions) throws {
    if let batch, !Self.batchSizes.contains(batch) {
      throw ValidationError("--batch must be 1 to \(Self.batchSizes.upperBound).")
    }
    options.field = field
    options.arguments = argument.map { ($0.name, $0.json) }
    options.source = source.map { ($0.name, $0.json) }
    options.claims = claim.map { ($0.name, $0.json) }
    options.batchSize = batch
  }
}

/// `name=value`; the value may be empty, and may hold more of `=`.
struct MemberArgument: ExpressibleByArgument {
  var name, value: String

  init?(argument: String) {
    guard let end = argument.firstIndex(of: "="), end != argument.startIndex else { return nil }
    name = String(argument[..<end])
    value = String(argument[argument.index(after: end)...])
  }

  /// The value, read as JSON if it is some, and else as a text.
  var json: JSONValue { (try? JSONValue(parsing: Array(value.utf8))) ?? .string(value) }
}

extension UserPoolID: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}

extension Sub: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}

extension SampleField: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}

extension SampleOptions.TokenVersion: ExpressibleByArgument {}
