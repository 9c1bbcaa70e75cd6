/* A Lua interpreter around Debian's static library:  lua SCRIPT SIZE */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    lua_State *lua = luaL_newstate();
    if (argc != 3 || !lua) {
        fputs("usage: lua SCRIPT SIZE\n", stderr);
        return 2;
    }
    luaL_openlibs(lua);
    lua_pushstring(lua, argv[2]);
    lua_setglobal(lua, "SIZE");
    if (luaL_dofile(lua, argv[1]) != LUA_OK) {
        fprintf(stderr, "lua: %s\n", lua_tostring(lua, -1));
        return 1;
    }
    lua_close(lua);
    return 0;
}
