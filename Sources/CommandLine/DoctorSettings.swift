import Settings
import TriggerFunction

/// What `pooltable doctor` measures by: settings as they hold where the function runs, and what of them leads to the
/// database from here.
struct DoctorSettings {
  /// The way to the database.
  enum Database: Equatable {
    case notNamed
    case unusable
    /// The login is a secret's, which the extension inside Lambda hands out.
    case insideLambdaOnly
    case settings(Environment)
  }

  /// What the function would refuse to start with; nil where nothing is wrong.
  let problem: SettingError?
  /// All but the database, without what is wrong; nil where nothing is left.
  let features: Configuration?
  let database: Database

  /// - Parameters:
  ///   - own: this process's environment.
  ///   - variables: the function's as Lambda has them; nil where it was not described, and `own` counts.
  ///   - region: where the function runs; nil where nothing says it.
  ///   - url: goes before the settings on the way to the database, and decides nothing about the function's.
  init(own: Environment, variables: [String: String]?, region: String?, url: String?) {
    // A password of the URL's own, and no other way to one.
    let override = url.map { ["DATABASE_URL": $0, "DATABASE_AUTH": "", "DATABASE_SECRET_ARN": ""] }
    var function = variables.map { own.keeping(\.isOfThisMachine).replacing($0) } ?? own
    if let region { function = function.replacing(["AWS_REGION": region]) }
    let reached = override.map { function.replacing($0) } ?? function

    // Where Lambda was not asked, that there is no database is no fault of the function's.
    let isPartial = variables == nil && reached["DATABASE_URL"] == nil
    let judged = (variables == nil ? reached : function).withKeys
      .replacing(isPartial ? Self.anyDatabase : [:])
    do {
      features = try Configuration(environment: judged)
      problem = nil
    } catch {
      problem = error
      let isOfTheDatabase =
        (try? Configuration(environment: judged.keeping(\.isOfTheDatabase))) == nil
      features = Self.usable(judged.replacing(isOfTheDatabase ? Self.anyDatabase : [:]))
    }

    let settings = reached.keeping(\.isOfTheDatabase)
    database =
      if settings["DATABASE_URL"] == nil {
        .notNamed
      } else if (try? Configuration(environment: settings.withKeys)) == nil {
        .unusable
      } else if settings["DATABASE_SECRET_ARN"] != nil {
        .insideLambdaOnly
      } else {
        .settings(settings)
      }
  }

  private static let anyDatabase = [
    "DATABASE_URL": "host=localhost", "DATABASE_AUTH": "", "DATABASE_SECRET_ARN": "",
  ]

  /// What is left without the variables that are wrong.
  private static func usable(_ settings: Environment) -> Configuration? {
    var settings = settings
    while true {
      do {
        return try Configuration(environment: settings)
      } catch {
        // Each time one less is set.
        guard settings[error.variable] != nil else { return nil }
        settings = settings.replacing([error.variable: ""])
      }
    }
  }
}

extension Environment {
  /// With keys, as Lambda gives every function some: settings are judged with these, and nothing is signed.
  fileprivate var withKeys: Environment {
    replacing([
      "AWS_ACCESS_KEY_ID": "-", "AWS_SECRET_ACCESS_KEY": "-", "AWS_SESSION_TOKEN": "-",
    ])
  }
}

extension String {
  /// Whether a variable says who and where this process is, and is no setting of the function's.
  fileprivate var isOfThisMachine: Bool {
    hasPrefix("AWS_") || hasPrefix("PG") || lowercased().hasSuffix("_proxy") || self == "HOME"
      || self == "PATH"
  }

  /// Whether a variable says where the database is, and how to get in.
  fileprivate var isOfTheDatabase: Bool { hasPrefix("DATABASE_") || isOfThisMachine }
}
