"""Cognito's import of users in front of moto, which has none: GetCSVHeader, the jobs, the upload, the hashes.

After Amazon Cognito's Developer Guide, "Importing users from a CSV file", and its API reference. `ImportJobs(application)`
is the application with all that; moto's own pools get the users, and its CloudWatch Logs the log. Who was imported with a
hash signs in with the password of before, which is verified as the algorithm's own software does.

A job is done at the second look after it was started. A pool whose name begins with `old` takes no hashes; one whose name
begins with `headed` has the column of hashes in its header; where it begins with `silent`, jobs write no log.
"""

import hashlib
import hmac
import json
import re
import uuid

LINE_LIMIT, ROW_LIMIT, SIZE_LIMIT = 16_000, 500_000, 100_000_000
STANDARD = (
    "name given_name family_name middle_name nickname preferred_username profile picture website email email_verified "
    "gender birthdate zoneinfo locale phone_number phone_number_verified address updated_at"
).split()


class Refused(Exception):
    def __init__(self, kind, message):
        self.kind, self.message = kind, message


class HashedPassword(str):
    """What a user's password is compared with, for moto: equal to the password that the hash is of."""

    def __new__(cls, algorithm, text):
        new = super().__new__(cls, text)
        new.algorithm = algorithm
        return new

    __hash__ = str.__hash__

    def __eq__(self, password):
        return isinstance(password, str) and verify(self.algorithm, str(self), password)

    def __ne__(self, password):
        return not self == password


def verify(algorithm, text, password):
    if algorithm == "BCRYPT":
        import bcrypt

        return bcrypt.checkpw(password.encode(), re.sub(r"^\$2[xy]", "$2b", text).encode())
    if algorithm == "SCRYPT":
        n, r, p, salt, digest = text.split("$")
        digest = bytes.fromhex(digest)
        made = hashlib.scrypt(
            password.encode(), salt=bytes.fromhex(salt), n=int(n), r=int(r), p=int(p), dklen=len(digest), maxmem=1 << 28
        )
        return hmac.compare_digest(made, digest)
    if algorithm == "ARGON2ID":
        import argon2

        try:
            return argon2.PasswordHasher().verify(text, password)
        except argon2.exceptions.VerifyMismatchError:
            return False
    from passlib.hash import pbkdf2_sha256

    return pbkdf2_sha256.verify(password, text)


def is_within_bounds(algorithm, text):
    patterns = {
        "BCRYPT": r"\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}",
        "SCRYPT": r"(\d+)\$(\d+)\$(\d+)\$(?:[0-9a-f]{2})+\$(?:[0-9a-f]{2})+",
        "ARGON2ID": r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+",
        "PBKDF2_SHA256": r"\$pbkdf2-sha256\$(\d+)\$[A-Za-z0-9./]+\$[A-Za-z0-9./]{43}",
    }
    bounds = {"BCRYPT": [12], "SCRYPT": [65536, 8, 1], "ARGON2ID": [19456, 2, 1], "PBKDF2_SHA256": [600_000]}
    match = re.fullmatch(patterns[algorithm], text)
    return match and all(int(number) <= bound for number, bound in zip(match.groups(), bounds[algorithm]))


def split(line):
    return [re.sub(r"\\(.)", r"\1", field).strip() for field in re.split(r"(?<!\\),", line)]


class ImportJobs:
    def __init__(self, application):
        self.application, self.jobs, self.files = application, {}, {}

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] == "PUT" and path.startswith("/import-jobs/"):
            return self.upload(path.rpartition("/")[2], environ, start_response)
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        if operation not in ("GetCSVHeader", "CreateUserImportJob", "StartUserImportJob", "DescribeUserImportJob"):
            return self.application(environ, start_response)
        try:
            request = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            status, answer = "200 OK", getattr(self, operation)(request, self.pool(request), environ)
        except Refused as refused:
            status, answer = "400 Bad Request", {"__type": refused.kind, "message": refused.message}
        body = json.dumps(answer).encode()
        start_response(status, [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))])
        return [body]

    def upload(self, job, environ, start_response):
        allowed = (
            job in self.jobs
            and environ.get("HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION") == "aws:kms"
            and environ.get("QUERY_STRING") == f"X-Amz-Signature={self.jobs[job]['signature']}"
            and not environ.get("CONTENT_TYPE")
            and "HTTP_AUTHORIZATION" not in environ
        )
        content = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        if allowed:
            self.files[job] = content
        start_response("200 OK" if allowed else "403 Forbidden", [("Content-Length", "0")])
        return [b""]

    # The API.

    def pool(self, request):
        from moto.cognitoidp.models import cognitoidp_backends
        from moto.core import DEFAULT_ACCOUNT_ID

        pool = cognitoidp_backends[DEFAULT_ACCOUNT_ID][request["UserPoolId"].partition("_")[0]].user_pools.get(
            request["UserPoolId"]
        )
        if not pool:
            raise Refused("ResourceNotFoundException", "User pool does not exist.")
        return pool

    def header(self, pool):
        custom = sorted(name for name in pool.schema_attributes if name.startswith(("custom:", "dev:")))
        hashes = ["password_hash"] if pool.name.startswith("headed") else []
        return ["cognito:username"] + STANDARD + ["cognito:mfa_enabled"] + custom + hashes

    def verified(self, pool):
        return pool.extended_config.get("AutoVerifiedAttributes", [])

    def GetCSVHeader(self, request, pool, environ):
        return {"UserPoolId": pool.id, "CSVHeader": self.header(pool)}

    def CreateUserImportJob(self, request, pool, environ):
        algorithm = request.get("PasswordHashingAlgorithm")
        if not re.fullmatch(r"[\w\s+=,.@-]{1,128}", request["JobName"]):
            raise Refused("InvalidParameterException", "JobName")
        if ":role/" not in request["CloudWatchLogsRoleArn"]:
            raise Refused("InvalidParameterException", "CloudWatchLogsRoleArn")
        if algorithm and pool.name.startswith("old"):
            raise Refused("InvalidParameterException", "PasswordHashingAlgorithm")
        job, signature = f"import-{uuid.uuid4().hex[:10]}", uuid.uuid4().hex
        self.jobs[job] = {"pool": pool, "algorithm": algorithm, "signature": signature, "looks": 0}
        self.jobs[job]["shown"] = {
            "JobId": job,
            "JobName": request["JobName"],
            "UserPoolId": pool.id,
            "Status": "Created",
            "CloudWatchLogsRoleArn": request["CloudWatchLogsRoleArn"],
            "PreSignedUrl": f"http://{environ['HTTP_HOST']}/import-jobs/{job}?X-Amz-Signature={signature}",
            "CreationDate": 1470957431.965,
            **{f"{word}Users": 0 for word in ("Imported", "Skipped", "Failed")},
            **({"PasswordHashingAlgorithm": algorithm} if algorithm else {}),
        }
        return {"UserImportJob": self.jobs[job]["shown"]}

    def job(self, request, pool):
        job = self.jobs.get(request["JobId"])
        if not job or job["pool"] is not pool:
            raise Refused("ResourceNotFoundException", "The import job does not exist.")
        return job

    def StartUserImportJob(self, request, pool, environ):
        job = self.job(request, pool)
        # AWS counts an account's jobs; here each test has a pool of its own, and others run beside it.
        others = [each for each in self.jobs.values() if each["pool"] is pool and each is not job]
        if any(each["shown"]["Status"] in ("Pending", "InProgress") for each in others):
            raise Refused("PreconditionNotMetException", "Another job is active.")
        if job["shown"]["Status"] != "Created" or request["JobId"] not in self.files or not self.verified(pool):
            raise Refused("PreconditionNotMetException", "The job cannot be started.")
        job["shown"]["Status"] = "Pending"
        return {"UserImportJob": dict(job["shown"])}

    def DescribeUserImportJob(self, request, pool, environ):
        job = self.job(request, pool)
        if job["shown"]["Status"] == "InProgress":
            self.run(job, request["JobId"])
        elif job["shown"]["Status"] == "Pending":
            job["shown"]["Status"] = "InProgress"
        return {"UserImportJob": job["shown"]}

    # The job.

    def run(self, job, id):
        shown, pool, log = job["shown"], job["pool"], []
        counts = {"SUCCEEDED": 0, "SKIPPED": 0, "FAILED": 0}
        content = self.files.pop(id)
        try:
            lines = self.lines(content, self.header(pool), job["algorithm"])
        except ValueError as error:
            shown.update(Status="Failed", CompletionMessage=str(error))
            return
        for number, fields in lines:
            word, reason = self.add(pool, fields, job["algorithm"])
            counts[word] += 1
            log.append(f"[{word}] Line Number {number} - {reason}")
        shown.update(ImportedUsers=counts["SUCCEEDED"], SkippedUsers=counts["SKIPPED"], FailedUsers=counts["FAILED"])
        if counts["SUCCEEDED"]:
            shown.update(Status="Succeeded", CompletionMessage="Import Job Completed Successfully.")
        else:
            message = "Too many users have failed or been skipped during the import."
            shown.update(Status="Failed", CompletionMessage=message)
        if not pool.name.startswith("silent"):
            self.write(log, f"/aws/cognito/userpools/{pool.id}/{pool.name}", f"{id}/{shown['JobName']}", pool.region)

    def lines(self, content, header, algorithm):
        if len(content) > SIZE_LIMIT or content.startswith(b"\xef\xbb\xbf"):
            raise ValueError("The file is too large, or has a byte order mark.")
        lines = content.decode().split("\n")
        if lines.pop() != "" or len(lines) - 1 > ROW_LIMIT or any(len(line) > LINE_LIMIT for line in lines):
            raise ValueError("The file or a line is too long.")
        hashes = ["password_hash"] if algorithm and "password_hash" not in header else []
        columns = split(lines[0])
        if columns != header + hashes:
            raise ValueError("The header in the CSV file does not match the expected headers.")
        found = [split(line) for line in lines[1:]]
        if any(len(fields) != len(columns) for fields in found):
            raise ValueError("A row has another number of fields than the header.")
        return [(number, dict(zip(columns, fields))) for number, fields in enumerate(found, 2)]

    def add(self, pool, fields, algorithm):
        name = fields.pop("cognito:username")
        text = fields.pop("password_hash", "")
        if fields.pop("cognito:mfa_enabled") not in ("", "true", "false") or not name or " " in name:
            return "FAILED", "The User Record has an invalid format."
        if not any(fields[key] and fields[f"{key}_verified"] == "true" for key in self.verified(pool)):
            return "FAILED", "The User Record does not set any of the auto verified attributes to true."
        forms = {"email": r"[^@\s]+@[^@\s]+", "phone_number": r"\+\d{1,15}", "birthdate": r".{10}", "updated_at": r"\d+"}
        if (
            any('"' in value or len(value) > 2048 for value in fields.values())
            or any(fields[key] and not re.fullmatch(form, fields[key]) for key, form in forms.items())
            or any(fields[f"{key}_verified"] == "true" and not fields[key] for key in ("email", "phone_number"))
            or len(name) > 128
        ):
            return "FAILED", "The User Record does not match the schema."
        if text and not (algorithm and is_within_bounds(algorithm, text)):
            return "FAILED", "The User Record has an invalid password hash."
        if pool._get_user(name):
            return "SKIPPED", "The user already exists."
        from moto.cognitoidp.models import CognitoIdpUser

        attributes = [{"Name": key, "Value": value} for key, value in fields.items() if value]
        user = CognitoIdpUser(
            pool.id, name, HashedPassword(algorithm, text) if text else None,
            "CONFIRMED" if text else "RESET_REQUIRED", attributes,
        )
        pool.users[user.username] = user
        return "SUCCEEDED", "The import succeeded."

    def write(self, lines, group, stream, region):
        import time

        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.logs.models import logs_backends

        backend = logs_backends[DEFAULT_ACCOUNT_ID][region]
        if group not in backend.groups:
            backend.create_log_group(group, {})
        backend.create_log_stream(group, stream)
        now = int(time.time() * 1000)
        backend.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines])
