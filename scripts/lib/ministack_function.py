"""What a function's process has of Lambda's, and not of MiniStack's: its settings of the log, and an extension.

The extension is AWS's layer AWS-Parameters-and-Secrets-Lambda-Extension, which MiniStack takes by its ARN and does not
run. A function with the layer finds it on localhost, as AWS documents it ("Use AWS Secrets Manager secrets in AWS
Lambda functions"): GET /secretsmanager/get?secretId=…, with the function's session token in a header, is answered with what
GetSecretValue says to the function's own role. Nothing is cached.
"""

import functools
import http.server
import json
import threading
import urllib.parse

import botocore.exceptions
import botocore.session
from ministack.services import lambda_svc

USED = {lambda_svc: {"_provided_worker_env": ("config", "code_dir", "port")}}

# What Lambda tells a function of its LoggingConfig.
LOG = {"LogFormat": "AWS_LAMBDA_LOG_FORMAT", "ApplicationLogLevel": "AWS_LAMBDA_LOG_LEVEL"}
LAYER = ":layer:AWS-Parameters-and-Secrets-Lambda-Extension"


class Secrets(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        environment = self.server.environments.get(self.headers.get("X-Aws-Parameters-Secrets-Token"))
        if url.path != "/secretsmanager/get" or environment is None:
            return self.answer(403, {"message": "forbidden"})
        client = botocore.session.Session().create_client(
            "secretsmanager", region_name=environment["AWS_REGION"], endpoint_url=environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=environment["AWS_SESSION_TOKEN"])
        try:
            secret = client.get_secret_value(
                SecretId=asked["secretId"], VersionStage=asked.get("versionStage", "AWSCURRENT"))
        except botocore.exceptions.ClientError as error:
            return self.answer(error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"])
        del secret["ResponseMetadata"]
        return self.answer(200, secret)

    def answer(self, status, body):
        content = json.dumps(body, default=str).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *ignored):
        pass


def extend_functions():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Secrets)
    server.environments = {}
    original = lambda_svc._provided_worker_env

    @functools.wraps(original)
    def extended(config, code_dir, port):
        environment = original(config, code_dir, port)
        logging = config.get("LoggingConfig") or {}
        for setting, variable in LOG.items():
            if setting in logging:
                environment[variable] = logging[setting]
        layers = (each if isinstance(each, str) else each["Arn"] for each in config.get("Layers") or [])
        if any(LAYER in layer for layer in layers):
            environment["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"] = str(server.server_address[1])
            server.environments[environment["AWS_SESSION_TOKEN"]] = environment
        return environment

    lambda_svc._provided_worker_env = extended
    threading.Thread(target=server.serve_forever, daemon=True).start()
