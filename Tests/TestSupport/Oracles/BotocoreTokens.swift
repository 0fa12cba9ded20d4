import Foundation

/// What a token for RDS is made of.
public struct TokenRequest: Encodable, Sendable {
  public var host: String
  public var port: Int
  public var user: String
  public var region: String
  public var accessKeyID: String
  public var secretAccessKey: String
  public var sessionToken: String?
  /// As `20261121T083000Z`.
  public var date: String

  public init(
    host: String, port: Int, user: String, region: String, accessKeyID: String,
    secretAccessKey: String, sessionToken: String?, date: String
  ) {
    self.host = host
    self.port = port
    self.user = user
    self.region = region
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.date = date
  }
}

/// AWS's own `generate_db_auth_token`, with its clock stopped.
public enum BotocoreTokens {
  public static func tokens(for requests: [TokenRequest]) throws -> [String] {
    try CommandRun.python(script, requests)
  }

  private static let script = """
    import datetime
    import botocore.auth, botocore.session

    def token(request):
        now = datetime.datetime.strptime(request["date"], "%Y%m%dT%H%M%SZ")
        botocore.auth.get_current_datetime = lambda *ignored, **also: now
        client = botocore.session.Session().create_client(
            "rds", region_name=request["region"],
            aws_access_key_id=request["accessKeyID"],
            aws_secret_access_key=request["secretAccessKey"],
            aws_session_token=request.get("sessionToken"))
        return client.generate_db_auth_token(
            DBHostname=request["host"], Port=request["port"], DBUsername=request["user"])

    print(json.dumps([token(request) for request in question]))
    """
}
