import AWS
import Foundation

/// AWS's own judgement of a signed request: botocore makes the signature of what was received.
public enum BotocoreSignatures {
  private struct Received: Encodable {
    var method: String
    var path: String
    var headers: [String: String]
    /// In Base64.
    var body: String
    var service: String
    var region: String
    var accessKeyID: String
    var secretAccessKey: String
    var sessionToken: String?
  }

  /// - Parameter signature: who should have signed the requests.
  /// - Returns: for each request what is wrong with it; nothing where it is signed as AWS would.
  public static func violations(
    in requests: [ScriptedServer.Request], signature: AWSSignature
  ) throws -> [[String]] {
    try CommandRun.python(
      script,
      requests.map { request in
        Received(
          method: request.method, path: request.path, headers: request.headers,
          body: Data(request.body).base64EncodedString(), service: signature.service,
          region: signature.region, accessKeyID: signature.credentials.accessKeyID,
          secretAccessKey: signature.credentials.secretAccessKey,
          sessionToken: signature.credentials.sessionToken)
      })
  }

  private static let script = """
    import base64, datetime, re
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    def violations(received):
        headers = received["headers"]
        form = (r"AWS4-HMAC-SHA256 Credential=(\\S+), SignedHeaders=(\\S+), Signature=([0-9a-f]{64})")
        match = re.fullmatch(form, headers.get("authorization", ""))
        if not match:
            return ["no signature"]
        credential, names, signature = match.group(1), match.group(2).split(";"), match.group(3)
        found = []
        needed = {"host", "x-amz-date"} | {
            name for name in headers if name.startswith("x-amz-") or name == "content-type"}
        if missing := sorted(needed - set(names)):
            found.append(f"not signed: {missing}")
        if absent := sorted(set(names) - set(headers)):
            return found + [f"signed and not sent: {absent}"]
        if headers.get("x-amz-security-token") != received.get("sessionToken"):
            found.append("another session token")
        time = datetime.datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        if abs((now - time).total_seconds()) > 300:
            found.append("not signed now")
        keys = Credentials(
            received["accessKeyID"], received["secretAccessKey"], received.get("sessionToken"))
        signer = SigV4Auth(keys, received["service"], received["region"])
        request = AWSRequest(
            method=received["method"], url="http://" + headers["host"] + received["path"],
            headers={name: headers[name] for name in names}, data=base64.b64decode(received["body"]))
        request.context["timestamp"] = headers["x-amz-date"]
        if credential != signer.scope(request):
            found.append("another scope")
        text = signer.string_to_sign(request, signer.canonical_request(request))
        if signer.signature(text, request) != signature:
            found.append("another signature")
        return found

    print(json.dumps([violations(received) for received in question]))
    """
}
