"""The document is valid OpenAPI, and says everything that the code does."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from murph.app.links import LINKS
from tests.contract.operations import Operation, operations, routes

OPERATION_IDS = [
    "auth_login",
    "auth_logout",
    "auth_me",
    "auth_refresh",
    "auth_register",
    "auth_update_me",
    "category_list_categories",
    "course_add_video",
    "course_create",
    "course_delete",
    "course_delete_video",
    "course_list_courses",
    "course_order_videos",
    "course_publish",
    "course_remove_captions",
    "course_review_list_reviews",
    "course_review_write",
    "course_set_captions",
    "course_unpublish",
    "course_update",
    "course_update_video",
    "delivery_list_videos",
    "delivery_playback_url",
    "delivery_show_course",
    "discovery_ask",
    "discovery_events",
    "discovery_forget",
    "discovery_get_turn",
    "discovery_history",
    "discovery_search",
    "discovery_suggest",
    "personal_export_me",
    "profile_show",
    "receipt_get_receipt",
    "review_delete",
    "review_edit",
    "review_explain",
    "review_list_reviews",
    "review_reply",
    "review_report",
    "review_take_back_reply",
    "review_write",
    "session_activate",
    "session_active",
    "session_complete",
    "session_create",
    "session_end",
    "session_extend",
    "session_get",
    "session_list_sessions",
    "session_metrics",
    "session_start",
    "session_status",
    "teacher_courses",
    "teacher_dashboard",
    "teacher_earnings",
    "teacher_earnings_csv",
    "teacher_funnel",
    "teacher_retention",
    "teacher_reviews",
    "users_erase_me",
    "users_update_profile",
    "wallet_balance",
    "wallet_connect",
    "wallet_get_payout",
    "wallet_get_top_up",
    "wallet_list_payouts",
    "wallet_list_top_ups",
    "wallet_receive_event",
    "wallet_request_payout",
    "wallet_request_top_up",
    "wallet_transactions",
    "wallet_transactions_csv",
]
"""What generated clients call their functions: a change here breaks them."""

AMOUNTS = re.compile(
    r".*amount|cost|fee|refunded|teacher_paid|.*price.*|available|locked|earned|payout_pending|total"
)
LIMITED = {
    "auth_login",
    "auth_register",
    "course_review_write",
    "auth_update_me",
    "discovery_ask",
    "review_edit",
    "review_report",
    "review_write",
    "session_create",
    "session_start",
    "users_erase_me",
    "users_update_profile",
    "wallet_receive_event",
    "wallet_request_payout",
    "wallet_request_top_up",
}
BODY = {400, 413, 415, 422}
ACCESS_TOKEN: list[dict[str, list[str]]] = [{"access_token": []}]
SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "public": [],
    "refreshing": [{"refresh_token": []}],
    "signed_in": ACCESS_TOKEN,
    "student": ACCESS_TOKEN,
    "teacher": ACCESS_TOKEN,
}
KEYED = {
    "session_activate",
    "session_complete",
    "session_create",
    "session_end",
    "session_extend",
    "session_start",
    "wallet_request_payout",
    "wallet_request_top_up",
}
"""Operations that move money, or begin to: they may be repeated under an Idempotency-Key."""
OPTIONAL_SIGN_IN = {
    *("course_list_courses", "delivery_list_videos", "delivery_show_course"),
    *("course_review_list_reviews", "review_list_reviews", "review_explain"),
    "discovery_search",
}


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    errors = [
        f"{list(e.absolute_path)}: {e.message}" for e in OpenAPIV31SpecValidator(document).iter_errors()
    ]
    assert errors == []


def test_it_has_every_route_of_the_api_and_no_other(app: Flask, document: dict[str, Any]) -> None:
    assert {(each.method, each.path) for each in operations(app, document)} == routes(app)


def test_operations_keep_their_names(all_operations: list[Operation]) -> None:
    assert sorted(each.id for each in all_operations) == sorted(OPERATION_IDS)


def test_every_operation_says_what_it_does_and_where_it_belongs(
    document: dict[str, Any], all_operations: list[Operation]
) -> None:
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    for each in all_operations:
        assert each.described["summary"].endswith("."), each
        (tag,) = each.described["tags"]
        assert tags[tag], each


def test_every_operation_says_whose_token_it_takes(all_operations: list[Operation]) -> None:
    for each in all_operations:
        optional = [{}, *ACCESS_TOKEN]
        expected = optional if each.id in OPTIONAL_SIGN_IN else SECURITY[each.guard]
        assert each.described["security"] == expected, each


def test_every_operation_lists_every_status_that_it_can_answer_with(all_operations: list[Operation]) -> None:
    for each in all_operations:
        places = {parameter["in"] for parameter in each.parameters}
        names = {parameter["name"] for parameter in each.parameters}
        expected = {500, 503}
        expected |= {401, 403} if each.described["security"] else set()
        expected |= {404} if "path" in places else set()
        expected |= {422} if places & {"query", "header"} else set()
        expected |= {412} if "If-Match" in names else set()
        expected |= {400} if "cursor" in names else set()
        expected |= BODY if each.body or each.takes_forms_only else set()
        expected |= {413} if each.method != "get" else set()
        expected |= {429} if each.id in LIMITED else set()
        assert "default" not in each.described["responses"], each
        assert expected <= each.statuses, f"{each} lacks {expected - each.statuses}"
        if each.id not in LIMITED:
            assert 429 not in each.statuses, each


def test_whatever_moves_money_takes_a_key_and_says_what_comes_of_it(all_operations: list[Operation]) -> None:
    keyed = {each.id: each for each in all_operations if _key(each)}
    assert keyed.keys() == KEYED
    for each in keyed.values():
        schema = _key(each)[0]["schema"]
        assert not _key(each)[0]["required"]
        assert [each.faults(schema, key) == [] for key in ("8 bytes!", "8bytes!!", "x" * 81)] == [0, 1, 0]
        assert "idempotency_key_reused" in each.described["responses"]["422"]["description"]
        for status, answer in each.described["responses"].items():
            assert ("Idempotency-Replayed" in answer.get("headers", {})) == (status < "300"), each
    in_progress = keyed["wallet_request_top_up"].described["responses"]["409"]
    assert "request_in_progress" in in_progress["description"]
    assert "Retry-After" in in_progress["headers"]


def _key(operation: Operation) -> list[dict[str, Any]]:
    return [each for each in operation.parameters if each["name"] == "Idempotency-Key"]


def test_every_refusal_is_a_problem_and_names_its_codes(all_operations: list[Operation]) -> None:
    for each in all_operations:
        for status, answer in each.described["responses"].items():
            if status >= "400":
                assert answer["content"].keys() == {"application/problem+json"}, f"{each} {status}"
                assert re.search(r"\(`\w+`(, `\w+`)*\)$", answer["description"]), f"{each} {status}"


def test_every_success_has_a_schema_or_no_content(all_operations: list[Operation]) -> None:
    for each in all_operations:
        successes = {status for status in each.statuses if status < 300}
        assert successes == {204} or {int(status) for status in each.answers} == successes, each


def test_every_body_has_an_example_that_fits_and_leaves_no_field_out(all_operations: list[Operation]) -> None:
    for each in all_operations:
        for body in [*each.bodies.values(), *each.answers.values()]:
            assert each.faults(body["schema"], body["example"]) == [], each
            assert list(_without_example(each, body["schema"], body["example"])) == [], each


def _without_example(operation: Operation, schema: dict[str, Any], example: Any) -> Iterator[str]:
    schema = operation.resolved(schema)
    if isinstance(example, list):
        assert example, f"{operation}: an empty list shows nothing"
        yield from _without_example(operation, schema["items"], example[0])
    elif isinstance(example, dict):
        yield from schema["properties"].keys() - example.keys()
        for name, value in example.items():
            yield from _without_example(operation, schema["properties"][name], value)


def test_every_text_that_is_sent_has_a_limit(all_operations: list[Operation]) -> None:
    unlimited = [
        f"{each}: {name}"
        for each in all_operations
        for name, schema in [*_sent_fields(each), *((p["name"], p["schema"]) for p in each.parameters)]
        if "string" in _types(schema) and not _is_limited(schema)
    ]
    assert unlimited == []


def test_every_number_that_is_sent_has_limits(all_operations: list[Operation]) -> None:
    unlimited = [
        f"{each}: {name}"
        for each in all_operations
        for name, schema in [*_sent_fields(each), *((p["name"], p["schema"]) for p in each.parameters)]
        if {"integer", "number"} & set(_types(schema))
        and not (schema.keys() & {"minimum", "exclusiveMinimum"} and "maximum" in schema)
    ]
    assert unlimited == []


def _sent_fields(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    pending = [body["schema"] for body in operation.bodies.values()]
    while pending:
        schema = operation.resolved(pending.pop())
        for name, field in schema.get("properties", {}).items():
            inner = operation.resolved(field)
            yield name, inner
            pending += [inner, inner.get("items", {})]


def _types(schema: dict[str, Any]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _is_limited(schema: dict[str, Any]) -> bool:
    return (
        "maxLength" in schema
        or "enum" in schema
        or schema.get("format") in ("uuid", "date-time", "date", "binary")
    )


def test_every_amount_says_how_it_is_written(document: dict[str, Any]) -> None:
    found = set()
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema["properties"].items():
            if AMOUNTS.fullmatch(field) and "string" in _types(described):
                found.add(field)
                assert re.fullmatch(described["pattern"], described["example"]), f"{name}.{field}"
    assert found > {"amount", "cost", "fee", "locked_amount", "price_per_minute", "total"}


def test_every_link_leads_from_what_is_answered_to_what_is_taken(all_operations: list[Operation]) -> None:
    by_id = {each.id: each for each in all_operations}
    assert by_id.keys() >= LINKS.keys()
    followed = 0
    for each in all_operations:
        for status, answer in each.answers.items():
            for link in each.described["responses"][status].get("links", {}).values():
                target = by_id[link["operationId"]]
                assert sorted(link["parameters"]) == sorted(target.path_ids), f"{each} -> {target}"
                for expression in link["parameters"].values():
                    assert _is_there(expression, each, answer["example"]), f"{each}: {expression}"
                followed += 1
    assert followed > 25


def _is_there(expression: str, operation: Operation, example: Any) -> bool:
    where, _, name = expression.partition("#/" if "#" in expression else "path.")
    if where == "$request.":
        return name in operation.path_ids
    for part in name.split("/"):
        example = example[part]
    return where == "$response.body" and bool(example)


def test_null_is_written_as_a_type(client: FlaskClient, document: dict[str, Any]) -> None:
    assert "nullable" not in client.get("/api/openapi.json").text
    bio = document["components"]["schemas"]["UserOut"]["properties"]["bio"]
    assert bio["type"] == ["string", "null"]


def test_a_parameter_is_never_null(all_operations: list[Operation]) -> None:
    for each in all_operations:
        for parameter in each.parameters:
            schema = parameter["schema"]
            assert "null" not in _types(schema), f"{each}: {parameter['name']}"
            assert None not in (schema.get("default", ...), *schema.get("enum", ())), (
                f"{each}: {parameter['name']}"
            )


def test_nothing_is_described_that_is_not_used(
    document: dict[str, Any], all_operations: list[Operation]
) -> None:
    assert document["components"].keys() == {"schemas", "securitySchemes"}
    schemas = document["components"]["schemas"]
    used = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert used == set(schemas)
    assert all(re.fullmatch(r"\w+(In|Out)|Problem", name) for name in schemas)
    tags = {tag for each in all_operations for tag in each.described["tags"]}
    assert {tag["name"] for tag in document["tags"]} == tags


def test_it_tells_of_what_stands_beside_the_api(app: Flask, document: dict[str, Any]) -> None:
    told = re.sub(r"{\w+}", "{}", document["info"]["description"])
    beside = {re.sub(r"<[^>]+>", "{}", rule.rule) for rule in app.url_map.iter_rules()}
    documents = ("/api/openapi.json", "/api/docs")
    assert [
        path for path in beside if not path.startswith(("/api/v1", *documents)) and path not in told
    ] == []


def test_it_is_the_same_every_time(client: FlaskClient) -> None:
    assert client.get("/api/openapi.json").data == client.get("/api/openapi.json").data
