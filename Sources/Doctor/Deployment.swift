import CognitoAPI

/// What is deployed, as its configuration says: what findings are measured by.
public struct Deployment: Sendable, Equatable {
  /// What is on.
  public var features = Features()
  /// The pools that are served; empty: none is named.
  public var pools: [UserPoolID] = []
  /// Where this runs, by AWS's name; nil where nothing says it.
  public var region: String?
  /// The Lambda function; nil where none is named.
  public var function: FunctionReference?
  /// How much memory the function has, in MB; nil where it is not known.
  public var memory: Int?
  /// After how many seconds Lambda ends it; nil where it is not known.
  public var timeout: Int?
  /// From an event's arrival to its answer.
  public var budget = Duration.milliseconds(4000)
  /// Whose rights at the database are looked at; nil: those of who connects.
  public var handlerRole: String?

  /// Nothing is on, and no pool is named.
  public init() {}

  /// Which regional services are asked about rules and trails.
  var homeRegion: String? { region ?? pools.first?.region }
}

/// What a deployment does beside writing users.
public struct Features: Sendable, Equatable {
  /// `TOKEN_ROLES`.
  public var tokenRoles = false
  /// `TOKEN_CLAIMS`.
  public var tokenClaims = false
  /// `SYNC_ON_TOKEN`.
  public var syncOnToken = false
  /// Whether anybody may be refused a sign-up.
  public var decidesSignUps = false
  /// Whether the database is asked about it.
  public var asksDatabaseAboutSignUps = false
  /// `MIGRATE_USERS`.
  public var migratesUsers = false
  /// `LINK_PROVIDERS`.
  public var linksProviders = false
  /// `FOLLOW_CHANGES`.
  public var followsChanges = false
  /// `WRITE_BACK_ATTRIBUTE`.
  public var writeBackAttribute: String?
  /// `PUSH_ON_SCHEDULE`.
  public var pushesOnSchedule = false
  /// `PUSH_CREATE_GROUPS`.
  public var createsGroups = false
  /// `APPSYNC`.
  public var answersAppSync = false
  /// Whether `pooltable reconcile --prune` is to run with these credentials.
  public var reconciles = false

  /// All off.
  public init() {}

  /// What calls the function for tokens.
  var ofTokens: [String] {
    [
      tokenRoles ? "TOKEN_ROLES" : nil, tokenClaims ? "TOKEN_CLAIMS" : nil,
      syncOnToken ? "SYNC_ON_TOKEN" : nil,
    ].compactMap(\.self)
  }

  /// What calls the function before a sign-up.
  var ofSignUps: [String] {
    [
      decidesSignUps ? "who may sign up" : nil, linksProviders ? "LINK_PROVIDERS" : nil,
    ].compactMap(\.self)
  }

  /// Whether the function calls AWS's API.
  var callsAWS: Bool {
    linksProviders || followsChanges || writeBackAttribute != nil || pushesOnSchedule
  }
}

/// A Lambda function, by its name or by one of its ARNs.
public struct FunctionReference: Sendable, Equatable {
  /// Without region, account, version and alias.
  public var name: String
  /// The ARN without version or alias; nil where only the name is known.
  public var arn: String?

  /// - Parameter text: a name, as `pooltable`, or an ARN, as `arn:aws:lambda:REGION:ACCOUNT:function:NAME`, in both
  ///   cases perhaps with `:VERSION` or `:ALIAS`.
  /// - Returns: nil where it is neither.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    if parts.count >= 7, parts[0] == "arn", parts[2] == "lambda", parts[5] == "function" {
      name = parts[6]
      arn = parts.prefix(7).joined(separator: ":")
    } else if parts.count <= 2 {
      name = parts[0]
    } else {
      return nil
    }
    let isName = name.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
    guard isName, (1...140).contains(name.utf8.count) else { return nil }
  }

  /// The region of its ARN.
  public var region: String? {
    arn.flatMap { $0.split(separator: ":").dropFirst(3).first.map { String($0) } }
  }

  /// Whether both are one function: by their ARNs where both have one, or else by their names.
  func isSame(as other: FunctionReference) -> Bool {
    if let arn, let otherARN = other.arn { return arn == otherARN }
    return name == other.name
  }
}
