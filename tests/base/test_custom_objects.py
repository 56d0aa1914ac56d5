"""Custom objects: of the program, of scopes, and of calls, in threads, tasks and generators."""

import asyncio
import threading

import pytest

from keras._base.custom_objects import (
    _GLOBAL_CUSTOM_OBJECTS,
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    given_to_call,
)

table = get_custom_objects()


@pytest.fixture(autouse=True)
def program_without_names():
    assert not table
    yield
    table.clear()


def in_thread(function):
    """Returns the result of a function that is called in a new thread."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


# --- the dictionary ----------------------------------------------------------------------------


def test_dictionary_is_one_object_everywhere():
    assert get_custom_objects() is _GLOBAL_CUSTOM_OBJECTS
    with CustomObjectScope({"a": 1}):
        assert get_custom_objects() is _GLOBAL_CUSTOM_OBJECTS
    assert isinstance(table, dict)


def test_dictionary_has_the_methods_of_a_dict_inside_and_outside_of_scopes():
    for scope in (CustomObjectScope(), CustomObjectScope({"a": 0})):
        with scope:
            plain = dict(table)
            for changed in (table, plain):
                changed["b"] = 1
                changed.update({"c": 2}, d=3)
                changed |= {"e": 4}
                assert changed.pop("d") == 3 and changed.pop("d", None) is None
                del changed["c"]
                assert changed.setdefault("f", 5) == 5 == changed.get("f")
            assert (
                table
                == plain
                == {**table}
                == table.copy()
                == dict(table.items())
                == (table | {})
                == ({} | table)
            )
            assert list(table) == list(plain) and len(table) == len(plain) and repr(table) == repr(plain)
            assert "c" not in table and list(table.values()) == list(plain.values())
            with pytest.raises(KeyError):
                table["c"]
            with pytest.raises(KeyError):
                del table["c"]
            table.clear()
            assert not table and table == {}


def test_registered_names_are_found_in_all_threads():
    table["mine"] = 1
    assert in_thread(lambda: table["mine"]) == 1
    in_thread(lambda: table.update(other=2))
    assert table == {"mine": 1, "other": 2}


# --- scopes ------------------------------------------------------------------------------------


def test_scope_restores_the_table_after_an_error():
    table["mine"] = 1
    with pytest.raises(KeyError), CustomObjectScope({"mine": 2, "other": 3}, {"other": 4}):
        assert table == {"mine": 2, "other": 4}
        raise KeyError
    assert table == {"mine": 1}


def test_changes_in_a_scope_end_with_it_as_in_keras_1():
    """Recorded from 1.2.2: {'a': 1, 'b': 2} inside, and {'c': 3} after a scope in which 'c' was deleted."""
    table["c"] = 3
    with CustomObjectScope({"a": 1}):
        del table["c"]
        table["b"] = 2
        assert table == {"a": 1, "b": 2}
        with CustomObjectScope({"c": 4}):
            assert table == {"a": 1, "b": 2, "c": 4}
    assert table == {"c": 3}


def test_scope_copies_its_dictionaries_on_entry():
    given = {"a": 1}
    with custom_object_scope(given) as scope:
        given["b"] = 2
        table["a"] = 3
        assert table == {"a": 3}
    assert given == {"a": 1, "b": 2} and scope.custom_objects == (given,)


def test_names_of_a_scope_are_not_found_in_another_thread():
    with CustomObjectScope({"a": 1}):
        assert in_thread(lambda: dict(table)) == {}
        table["b"] = 2
        assert in_thread(lambda: dict(table)) == {}


def test_names_registered_by_another_thread_during_a_scope_stay():
    with CustomObjectScope({"a": 1}):
        in_thread(lambda: table.update(b=2))
        assert table == {"a": 1, "b": 2}
    assert table == {"b": 2}


def test_one_scope_can_be_used_by_many_threads_at_once():
    scope, together, found = CustomObjectScope({"a": 1}), threading.Barrier(8), []

    def work():
        together.wait()
        for _ in range(200):
            with scope, scope:
                found.append(table.get("a"))
            found.append(table.get("a"))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(1) == found.count(None) == 8 * 200
    assert not table and not scope._entered


def test_tasks_have_scopes_of_their_own():
    async def task(value, steps):
        for _ in range(steps):
            with CustomObjectScope({"name": value}):
                await asyncio.sleep(0)
                assert table == {"name": value}
            await asyncio.sleep(0)
            assert table == {}

    async def main():
        await asyncio.gather(*(task(i, 5 + i % 3) for i in range(10)))

    asyncio.run(main())
    assert table == {}


def test_a_task_keeps_the_scope_in_which_it_was_made():
    async def main():
        async def task():
            await asyncio.sleep(0)
            return dict(table)

        with CustomObjectScope({"a": 1}):
            running = asyncio.create_task(task())
        assert table == {}
        return await running

    assert asyncio.run(main()) == {"a": 1}


def in_scope(names):
    with CustomObjectScope(names):
        yield
        yield


def test_interleaved_scopes_of_generators_leave_nothing_behind():
    first, second = in_scope({"a": 1, "b": 1}), in_scope({"b": 2})
    next(first)
    next(second)
    assert table == {"a": 1, "b": 2}
    first.close()
    assert table == {"b": 2}
    second.close()
    assert table == {}


def test_scope_of_a_generator_that_is_closed_in_another_thread_ends_everywhere():
    generator = in_scope({"a": 1})
    next(generator)
    in_thread(generator.close)
    assert table == {}


def test_scope_begun_in_another_thread_ends_there_when_closed_here():
    generator = in_scope({"a": 1})
    begun, closed = threading.Event(), threading.Event()
    found = []

    def work():
        next(generator)
        begun.set()
        closed.wait()
        found.append(dict(table))

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    with CustomObjectScope({"b": 2}):
        generator.close()
        assert table == {"b": 2}
    closed.set()
    thread.join()
    assert found == [{}]


@pytest.mark.parametrize("wrong", [None, 5, "Mine", [dict], {dict: dict}])
def test_what_is_no_dictionary_of_names_is_refused(wrong):
    with pytest.raises(TypeError, match="wanted a dict of names, such as"), CustomObjectScope(wrong):
        pass
    if wrong is not None:
        with (
            pytest.raises(TypeError, match="custom_objects: got .*wanted a dict of names"),
            given_to_call(wrong),
        ):
            pass
    assert table == {}


# --- the argument of a call --------------------------------------------------------------------


@pytest.mark.parametrize("given", [None, {}, {"a": 1}])
def test_names_of_a_call_end_with_it_and_what_it_registers_stays(given):
    with given_to_call(given):
        table["registered"] = 2
        assert table == {**(given or {}), "registered": 2}
    assert table == {"registered": 2}


def test_a_call_inside_a_scope_registers_in_the_scope():
    with CustomObjectScope({"a": 1}):
        with given_to_call({"a": 2, "b": 2}):
            assert table == {"a": 2, "b": 2}
            table["c"] = 3
        assert table == {"a": 1, "c": 3}
    assert table == {}
